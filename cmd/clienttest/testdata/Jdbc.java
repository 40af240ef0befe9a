import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.*;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.postgresql.PGConnection;

/** Asks questions by pgjdbc: Jdbc MODE URL FILE prints answers as JSON; the file has one question after each NUL. */
public class Jdbc {
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "session" -> session(args[1]);
            default -> ask(args[0], args[1], Files.readString(Path.of(args[2])).split("\0"));
        }
    }

    static Connection connect(String url, Properties p) throws SQLException {
        return DriverManager.getConnection(url, p);
    }

    static Properties mode(String name) {
        Properties p = new Properties();
        switch (name) {
            case "simple" -> p.setProperty("preferQueryMode", "simple");
            case "extended-text" -> {
                p.setProperty("binaryTransfer", "false");
                p.setProperty("prepareThreshold", "0");
            }
            // -1 asks for binary results from the first execution on.
            case "extended-binary" -> p.setProperty("prepareThreshold", "-1");
            case "prepared" -> p.setProperty("prepareThreshold", "1");
            case "cache-everything" -> p.setProperty("preferQueryMode", "extendedCacheEverything");
            case "portals" -> p.setProperty("defaultRowFetchSize", "11");
            default -> throw new IllegalArgumentException(name);
        }
        return p;
    }

    static void ask(String name, String url, String[] questions) throws Exception {
        StringBuilder out = new StringBuilder("[");
        try (Connection c = connect(url, mode(name))) {
            // Portals with a row limit need a transaction.
            c.setAutoCommit(!name.equals("portals"));
            for (int i = 0; i < questions.length; i++) {
                if (i > 0) {
                    out.append(',');
                }
                try (PreparedStatement s = c.prepareStatement(questions[i].replace("?", "??"))) {
                    for (int run = name.equals("prepared") ? 0 : 1; run < 2; run++) {
                        try (ResultSet r = s.executeQuery()) {
                            String text = answer(r);
                            if (run == 1) {
                                out.append(text);
                            }
                        }
                    }
                } catch (SQLException e) {
                    out.append("{\"error\":").append(quote(e.getSQLState() + " " + e.getMessage())).append('}');
                }
                if (!c.getAutoCommit()) {
                    c.rollback();
                }
            }
        }
        System.out.write(out.append(']').toString().getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    static String answer(ResultSet r) throws SQLException {
        ResultSetMetaData m = r.getMetaData();
        StringBuilder b = new StringBuilder("{\"names\":[");
        for (int i = 1; i <= m.getColumnCount(); i++) {
            b.append(i > 1 ? "," : "").append(quote(m.getColumnLabel(i)));
        }
        b.append("],\"rows\":[");
        for (int row = 0; r.next(); row++) {
            b.append(row > 0 ? ",[" : "[");
            for (int i = 1; i <= m.getColumnCount(); i++) {
                String v = r.getString(i);
                b.append(i > 1 ? "," : "").append(v == null ? "null" : quote(v));
            }
            b.append(']');
        }
        return b.append("]}").toString();
    }

    static String quote(String s) {
        StringBuilder b = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            if (c == '"' || c == '\\') {
                b.append('\\').append(c);
            } else if (c < ' ') {
                b.append(String.format("\\u%04x", (int) c));
            } else {
                b.append(c);
            }
        }
        return b.append('"').toString();
    }

    static void expect(String what, Object got, Object want) {
        if (!want.equals(got)) {
            System.out.println(what + ": " + got + ", not " + want);
        }
    }

    /** What tools do with a connection beside asking. Prints nothing unless something is wrong. */
    static void session(String url) throws Exception {
        for (String name : List.of("extended-text", "extended-binary", "simple")) {
            try (Connection c = connect(url, mode(name))) {
                session(c, name);
            }
        }
    }

    static void session(Connection c, String name) throws Exception {
        expect("isValid", c.isValid(5), true);
        expect("product", c.getMetaData().getDatabaseProductName(), "PostgreSQL");
        expect("version", c.getMetaData().getDatabaseMajorVersion(), 15);
        expect("schema", c.getSchema(), "intune");
        c.setReadOnly(true);
        expect("read-only", c.isReadOnly(), true);
        for (int level : new int[] {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE}) {
            c.setTransactionIsolation(level);
            expect("isolation", c.getTransactionIsolation(), level);
        }
        long count;
        try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("select count(*) from devices")) {
            r.next();
            count = r.getLong(1);
        }
        // A named statement after the threshold, with parameters.
        try (PreparedStatement s = c.prepareStatement(
                "select count(*), min(\"lastSyncDateTime\"), ?::text, ?::numeric from devices where \"deviceKey\" % ? = ? and \"isDeleted\" = ?")) {
            long total = 0;
            for (int i = 0; i < 10; i++) {
                s.setString(1, "it's");
                s.setBigDecimal(2, new java.math.BigDecimal("1.50"));
                s.setInt(3, 10);
                s.setInt(4, i);
                s.setBoolean(5, false);
                try (ResultSet r = s.executeQuery()) {
                    r.next();
                    total += r.getLong(1);
                    expect(name + " text", r.getString(3), "it's");
                    expect(name + " numeric", r.getBigDecimal(4), new java.math.BigDecimal("1.50"));
                    if (r.getLong(1) > 0 && r.getObject(2, java.time.OffsetDateTime.class) == null) {
                        System.out.println("no time");
                    }
                }
            }
            try (Statement t = c.createStatement(); ResultSet r = t.executeQuery("select count(*) from devices where not \"isDeleted\"")) {
                r.next();
                expect(name + " sum of the parts", total, r.getLong(1));
            }
        }
        // Portals in a transaction.
        c.setAutoCommit(false);
        try (Statement s = c.createStatement()) {
            s.setFetchSize(37);
            List<Long> keys = new ArrayList<>();
            try (ResultSet r = s.executeQuery("select \"deviceKey\" from devices order by 1")) {
                while (r.next()) {
                    keys.add(r.getLong(1));
                }
            }
            expect(name + " keys", (long) keys.size(), count);
            expect(name + " sorted", keys, keys.stream().sorted().toList());
            // The simple protocol knows no row limit, and the driver then reads all.
            int most = name.equals("simple") ? (int) count : 5;
            s.setMaxRows(5);
            try (ResultSet r = s.executeQuery("select \"deviceKey\" from devices")) {
                int n = 0;
                while (r.next()) {
                    n++;
                }
                expect(name + " maxRows", n, most);
            }
        }
        Savepoint point = c.setSavepoint();
        try (Statement s = c.createStatement()) {
            s.executeQuery("select 1/0");
            System.out.println("no error");
        } catch (SQLException e) {
            expect(name + " error", e.getSQLState(), "22012");
        }
        c.rollback(point);
        c.commit();
        c.setAutoCommit(true);
        // Several statements in one string.
        try (Statement s = c.createStatement()) {
            expect(name + " first", s.execute("select 1; select 2"), true);
            expect(name + " second", s.getMoreResults(), true);
            s.getResultSet().next();
            expect(name + " its value", s.getResultSet().getInt(1), 2);
        }
        try (Statement s = c.createStatement()) {
            s.setQueryTimeout(1);
            s.executeQuery("select pg_sleep(1000)");
            System.out.println("not cancelled");
        } catch (SQLException e) {
            expect(name + " timeout", e.getSQLState(), "57014");
        }
        ByteArrayOutputStream copied = new ByteArrayOutputStream();
        long rows = c.unwrap(PGConnection.class).getCopyAPI().copyOut("copy (select * from devices) to stdout with (format csv)", copied);
        expect(name + " copied rows", rows, count);
        c.setSchema("information_schema");
        expect("setSchema", c.getSchema(), "information_schema");
        expect("abort", c.isClosed(), false);
    }
}
