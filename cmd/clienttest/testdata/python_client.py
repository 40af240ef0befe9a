"""Asks questions by a Python client: python_client.py CLIENT URL < questions.json > answers.json

Prints an answer per question: {"names": [...], "rows": [[text or null]]}, or {"error": text}.
"""
import asyncio
import datetime
import decimal
import json
import sys


def text(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime.timedelta):
        return str(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return str(value)


def answer(names, rows):
    return {"names": list(names), "rows": [[text(v) for v in row] for row in rows]}


def ask_psycopg2(url, questions, named):
    import psycopg2

    conn = psycopg2.connect(url)
    for i, sql in enumerate(questions):
        try:
            if named:
                cursor = conn.cursor(name="question %d" % i)
                cursor.itersize = 13
                cursor.execute(sql)
                rows = [row for row in cursor]
                names = [d.name for d in cursor.description]
            else:
                cursor = conn.cursor()
                cursor.execute(sql)
                rows = cursor.fetchall()
                names = [d.name for d in cursor.description]
            yield answer(names, rows)
            cursor.close()
            conn.commit()
        except psycopg2.Error as e:
            conn.rollback()
            yield {"error": "%s %s" % (e.pgcode, e)}
    conn.close()


def ask_sqlalchemy(url, questions):
    import sqlalchemy

    engine = sqlalchemy.create_engine(url.replace("postgres://", "postgresql+psycopg2://", 1), pool_pre_ping=True)
    for sql in questions:
        try:
            with engine.connect().execution_options(no_parameters=True) as conn:
                result = conn.exec_driver_sql(sql)
                yield answer(result.keys(), result.fetchall())
        except sqlalchemy.exc.SQLAlchemyError as e:
            yield {"error": str(e)}
    engine.dispose()


async def ask_asyncpg(url, questions):
    import asyncpg

    pool = await asyncpg.create_pool(url, min_size=1, max_size=2, ssl="prefer")
    answers = []
    for sql in questions:
        async with pool.acquire() as conn:  # the pool resets a connection that comes back
            try:
                statement = await conn.prepare(sql)
                rows = await statement.fetch()
                names = [a.name for a in statement.get_attributes()]
                answers.append(answer(names, [tuple(r) for r in rows]))
            except asyncpg.PostgresError as e:
                answers.append({"error": "%s %s" % (e.sqlstate, e)})
    await pool.close()
    return answers


def main():
    client, url = sys.argv[1:3]
    questions = json.load(sys.stdin)
    if client == "psycopg2":
        answers = list(ask_psycopg2(url, questions, False))
    elif client == "psycopg2-named":
        answers = list(ask_psycopg2(url, questions, True))
    elif client == "sqlalchemy":
        answers = list(ask_sqlalchemy(url, questions))
    elif client == "asyncpg":
        answers = asyncio.run(ask_asyncpg(url, questions))
    else:
        raise SystemExit("unknown client " + client)
    json.dump(answers, sys.stdout)


main()
