"""What Python clients do beside asking: python_session.py CLIENT URL. Prints nothing unless something is wrong."""
import asyncio
import io
import sys
import threading


def expect(what, got, want):
    if got != want:
        print("%s: %r, not %r" % (what, got, want))


def psycopg2_session(url):
    import psycopg2
    import psycopg2.extensions
    import psycopg2.extras

    conn = psycopg2.connect(url)
    expect("encoding", conn.encoding, "UTF8")
    expect("server version", conn.server_version // 10000, 15)
    cur = conn.cursor()
    cur.execute("select %s::int + 1, %s, %s", (41, "it's %", None))
    expect("parameters", cur.fetchone(), (42, "it's %", None))
    cur.execute("select count(*) from devices where \"deviceName\" = any(%s)", (["x", "y"],))
    expect("an array", cur.fetchone(), (0,))
    try:
        cur.execute("select 1/0")
        print("no error")
    except psycopg2.Error as e:
        expect("error", e.pgcode, "22012")
    expect("status", conn.status, psycopg2.extensions.STATUS_BEGIN)
    expect("transaction", conn.get_transaction_status(), psycopg2.extensions.TRANSACTION_STATUS_INERROR)
    conn.rollback()

    out = io.StringIO()
    cur.copy_expert("copy (select \"deviceKey\" from devices order by 1) to stdout", out)
    lines = out.getvalue().splitlines()
    cur.execute("select count(*) from devices")
    expect("copied rows", len(lines), cur.fetchone()[0])
    conn.commit()

    timer = threading.Timer(0.3, conn.cancel)
    timer.start()
    try:
        cur.execute("select pg_sleep(1000)")
        print("not cancelled")
    except psycopg2.extensions.QueryCanceledError as e:
        expect("cancelled", e.pgcode, "57014")
    timer.join()
    conn.rollback()

    for isolation in ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"):
        conn.set_session(isolation_level=isolation, readonly=True)
        cur.execute("show transaction_isolation")
        expect("isolation", cur.fetchone(), (isolation.lower(),))
        conn.rollback()
    conn.reset()
    cur = conn.cursor(cursor_factory=psycopg2.extras.DictCursor)
    cur.execute("select 1 as one")
    expect("a dictionary", dict(cur.fetchone()), {"one": 1})
    conn.close()


async def asyncpg_session(url):
    import asyncpg

    conn = await asyncpg.connect(url, ssl="prefer")
    expect("version", conn.get_server_version().major, 15)
    expect("parameters", tuple(await conn.fetchrow("select $1::int4 + 1, $2::text, $3::float8", 41, "x", 1.5)), (42, "x", 1.5))
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        cursor = await conn.cursor("select \"deviceKey\" from devices order by 1")
        keys = []
        while True:
            part = await cursor.fetch(29)
            if not part:
                break
            keys += [r[0] for r in part]
    expect("cursor", len(keys), await conn.fetchval("select count(*) from devices"))
    expect("sorted", keys, sorted(keys))
    try:
        await conn.execute("select 1/0")
        print("no error")
    except asyncpg.DivisionByZeroError:
        pass
    try:
        await conn.execute("select pg_sleep(1000)", timeout=0.3)
        print("no timeout")
    except asyncio.TimeoutError:
        pass
    expect("alive", await conn.fetchval("select 1"), 1)
    await conn.reset()
    out = io.BytesIO()
    status = await conn.copy_from_query("select 1, 'a' union all select 2, null", output=out, format="csv")
    expect("copy", (status, out.getvalue()), ("COPY 2", b"1,a\n2,\n"))
    # Introspection of types that it does not know.
    expect("a record", tuple(await conn.fetchval("select row(1, 'x'::text)")), (1, "x"))
    await conn.close()


def sqlalchemy_session(url):
    import sqlalchemy

    engine = sqlalchemy.create_engine(url.replace("postgres://", "postgresql+psycopg2://", 1), pool_pre_ping=True)
    with engine.connect() as conn:
        row = conn.execute(sqlalchemy.text("select :a + 1, cast(:b as text)"), {"a": 41, "b": "x"}).fetchone()
        expect("parameters", tuple(row), (42, "x"))
    metadata = sqlalchemy.MetaData()
    devices = sqlalchemy.Table("devices", metadata, autoload_with=engine, schema="intune")
    expect("the primary key", [c.name for c in devices.primary_key], ["deviceKey"])
    with engine.connect() as conn:
        query = sqlalchemy.select(devices.c.operatingSystem, sqlalchemy.func.count()).group_by(devices.c.operatingSystem)
        query = query.order_by(sqlalchemy.func.count().desc()).limit(3)
        rows = conn.execute(query).fetchall()
        expect("groups", len(rows), 3)
        streamed = conn.execution_options(stream_results=True).execute(sqlalchemy.select(devices.c.deviceKey))
        keys = [r[0] for part in streamed.partitions(31) for r in part]
        expect("streamed", len(keys), conn.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(devices)).scalar())
    engine.dispose()


client, address = sys.argv[1:3]
if client == "psycopg2":
    psycopg2_session(address)
elif client == "asyncpg":
    asyncio.run(asyncpg_session(address))
elif client == "sqlalchemy":
    sqlalchemy_session(address)
else:
    raise SystemExit("unknown client " + client)
