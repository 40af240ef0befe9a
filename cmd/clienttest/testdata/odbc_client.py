"""Asks questions by psqlODBC: odbc_client.py CONNECTION-STRING < questions.json > answers.json

Uses the driver manager's library, as there need be no ODBC package for Python. The question null asks for what tools ask of
the catalog (SQLTables, SQLColumns, SQLPrimaryKeys of intune.devices).
"""
import ctypes
import json
import sys

lib = ctypes.CDLL("libodbc.so.2")
ENV, DBC, STMT = 1, 2, 3
NTS, WCHAR, NO_DATA, NULL_DATA = -3, -8, 100, -1


def ok(code):
    return code in (0, 1)


def wide(s):
    data = s.encode("utf-16-le") + b"\0\0"
    return ctypes.create_string_buffer(data, len(data))


def narrow(buffer, characters):
    return buffer.raw[: 2 * characters].decode("utf-16-le")


def fault(kind, handle):
    state, native, message, size = ctypes.create_string_buffer(24), ctypes.c_int(), ctypes.create_string_buffer(4096), ctypes.c_short()
    lib.SQLGetDiagRecW(kind, handle, 1, state, ctypes.byref(native), message, 2000, ctypes.byref(size))
    return "%s %s" % (narrow(state, 5), narrow(message, max(0, min(size.value, 2000))))


def check(code, kind, handle):
    if not ok(code):
        raise RuntimeError(fault(kind, handle))


def handle(kind, parent):
    h = ctypes.c_void_p()
    if not ok(lib.SQLAllocHandle(kind, parent, ctypes.byref(h))):
        raise RuntimeError("no handle")
    return h


def result(stmt):
    n = ctypes.c_short()
    check(lib.SQLNumResultCols(stmt, ctypes.byref(n)), STMT, stmt)
    names = []
    for i in range(1, n.value + 1):
        name, size = ctypes.create_string_buffer(512), ctypes.c_short()
        kind, width, digits, nullable = ctypes.c_short(), ctypes.c_size_t(), ctypes.c_short(), ctypes.c_short()
        check(lib.SQLDescribeColW(stmt, i, name, 255, ctypes.byref(size), ctypes.byref(kind), ctypes.byref(width),
                                  ctypes.byref(digits), ctypes.byref(nullable)), STMT, stmt)
        names.append(narrow(name, size.value))
    rows = []
    while True:
        code = lib.SQLFetch(stmt)
        if code == NO_DATA:
            return {"names": names, "rows": rows}
        check(code, STMT, stmt)
        row = []
        for i in range(1, n.value + 1):
            buffer, size = ctypes.create_string_buffer(65536), ctypes.c_ssize_t()
            check(lib.SQLGetData(stmt, i, WCHAR, buffer, 65536, ctypes.byref(size)), STMT, stmt)
            row.append(None if size.value == NULL_DATA else narrow(buffer, size.value // 2))
        rows.append(row)


def main():
    questions = json.load(sys.stdin)
    env = handle(ENV, None)
    lib.SQLSetEnvAttr(env, 200, ctypes.c_void_p(3), 0)  # ODBC 3
    dbc = handle(DBC, env)
    text = wide(sys.argv[1])
    check(lib.SQLDriverConnectW(dbc, None, text, NTS, None, 0, None, 0), DBC, dbc)
    answers = []
    for sql in questions:
        stmt = handle(STMT, dbc)
        try:
            check(lib.SQLExecDirectW(stmt, wide(sql), NTS), STMT, stmt)
            answers.append(result(stmt))
        except RuntimeError as e:
            answers.append({"error": str(e)})
        lib.SQLFreeHandle(STMT, stmt)
    catalog = []
    for call in (
        lambda s: lib.SQLTablesW(s, None, 0, wide("intune"), NTS, wide("dev%"), NTS, wide("TABLE"), NTS),
        lambda s: lib.SQLColumnsW(s, None, 0, wide("intune"), NTS, wide("devices"), NTS, wide("%"), NTS),
        lambda s: lib.SQLPrimaryKeysW(s, None, 0, wide("intune"), NTS, wide("devices"), NTS),
        lambda s: lib.SQLForeignKeysW(s, None, 0, None, 0, None, 0, None, 0, wide("intune"), NTS, wide("devices"), NTS),
        lambda s: lib.SQLStatisticsW(s, None, 0, wide("intune"), NTS, wide("devices"), NTS, 0, 0),
        lambda s: lib.SQLSpecialColumnsW(s, 1, None, 0, wide("intune"), NTS, wide("devices"), NTS, 0, 1),
        lambda s: lib.SQLTablePrivilegesW(s, None, 0, wide("intune"), NTS, wide("devices"), NTS),
        lambda s: lib.SQLGetTypeInfoW(s, 0),
    ):
        stmt = handle(STMT, dbc)
        try:
            check(call(stmt), STMT, stmt)
            catalog.append(result(stmt))
        except RuntimeError as e:
            catalog.append({"error": str(e)})
        lib.SQLFreeHandle(STMT, stmt)
    lib.SQLDisconnect(dbc)
    json.dump({"answers": answers, "catalog": catalog}, sys.stdout)


main()
