/*
 * pqclient [TEXT]: what a PostgreSQL server makes of a text, as one line of
 * JSON. libpq's environment says where the server is.
 */
#include <stdio.h>

#include <postgresql/libpq-fe.h>

static int fail(PGconn *connection)
{
	fprintf(stderr, "pqclient: %s", PQerrorMessage(connection));
	PQfinish(connection);
	return 1;
}

int main(int argc, char **argv)
{
	static const char query[] =
		"SELECT json_build_object('server', "
		"current_setting('server_version'), 'user', current_user, "
		"'upper', upper($1::text))";
	const char *values[] = { argc > 1 ? argv[1] : "hello" };
	PGconn *connection = PQconnectdb("application_name=pqclient");

	if (PQstatus(connection) != CONNECTION_OK)
		return fail(connection);
	PGresult *result = PQexecParams(connection, query, 1, NULL, values,
					NULL, NULL, 0);

	if (PQresultStatus(result) != PGRES_TUPLES_OK) {
		PQclear(result);
		return fail(connection);
	}
	printf("%s\n", PQgetvalue(result, 0, 0));
	PQclear(result);
	PQfinish(connection);
	return 0;
}
