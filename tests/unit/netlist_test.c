#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "data/netlist.h"

static const char text[] =
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
	"retrnsmt   uid  timeout inode\n"
	"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 "
	"00000000     0        0 4711 1 0000000000000000 100 0 0 10 0\n"
	"   1: 0100007F:1F91 0100007F:D2F0 01 00000000:00000000 00:00000000 "
	"00000000     0        0 12 1\n"
	"   2: garbage\n"
	"   3: 0100007F:FFFFF 00000000:0000 0A 0:0 00:0 0 0 0 5\n"
	"   4: 00000000000000000000000001000000:0016 "
	"00000000000000000000000000000000:0000 0A 00000000:00000000 "
	"00:00000000 00000000 0 0 18446744073709551615 1";

static void sockets_are_read_line_by_line(void **state)
{
	static const struct netlist_socket wanted[] = {
		{ 8080, NETLIST_LISTEN, 4711 },
		{ 8081, 1, 12 },
		{ 22, NETLIST_LISTEN, UINT64_MAX },
	};
	struct slice rest = slice_from(text);
	struct netlist_socket socket;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_true(netlist_next(&socket, &rest));
		assert_int_equal(socket.port, wanted[i].port);
		assert_int_equal(socket.state, wanted[i].state);
		assert_true(socket.inode == wanted[i].inode);
	}
	assert_false(netlist_next(&socket, &rest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets_are_read_line_by_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
