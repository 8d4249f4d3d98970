#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/maps.h"

static const char text[] =
	"00400000-00401000 r--p 00000000 08:01 11                  /app/a b\n"
	"00401000-00403000 r-xp 00001000 08:01 11                  /app/a b\n"
	"nonsense\n"
	"00500000-00600000 r-xp\n"
	"7f0000000000-7f0000001000 rwxp 00000000 00:00 0 \n"
	"7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0   [vdso]\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]";

static const struct {
	uint64_t address;
	const char *path; /* NULL: in no mapping */
	uint64_t offset;
} places[] = {
	{ 0x400000, "/app/a b", 0 },
	{ 0x401000, "/app/a b", 0x1000 },
	{ 0x402fff, "/app/a b", 0x2fff },
	{ 0x403000, NULL, 0 },
	{ 0x3fffff, NULL, 0 },
	{ 0x500000, NULL, 0 },
	{ 0x7f0000000010, "", 0x10 },
	{ 0x7ffd00000abc, "[vdso]", 0xabc },
	{ 0xffffffffff600008, "[vsyscall]", 8 },
	{ 0, NULL, 0 },
	{ UINT64_MAX, NULL, 0 },
};

static void an_address_is_found_in_its_mapping(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct maps_place place;
		bool found = maps_find(&place, slice_from(text),
				       places[i].address);

		assert_int_equal(found, places[i].path != NULL);
		if (!found)
			continue;
		assert_true(slice_eq(place.path, places[i].path));
		assert_int_equal(place.offset, places[i].offset);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_found_in_its_mapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
