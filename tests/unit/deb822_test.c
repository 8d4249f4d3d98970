#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "data/deb822.h"
#include "image/license.h"

static const char status[] =
	"\n\nPackage: libc6\n"
	"Conffiles:\n"
	" /etc/ld.so.conf d4e7a7b88a71b5ffd9e2644e71a0cfab\n"
	"# a comment\n"
	" /etc/x 00\n"
	"not a field\n"
	"VERSION:2.36-9\r\n"
	" \t\n"
	"Package:tzdata\n"
	"Description: zones\n"
	" .\n"
	" more";

static void paragraphs_end_at_empty_lines(void **state)
{
	struct slice rest = slice_from(status);
	struct slice paragraph;

	(void)state;
	assert_true(deb822_paragraph(&paragraph, &rest));
	assert_true(slice_eq(deb822_get(paragraph, "package"), "libc6"));
	assert_true(slice_eq(deb822_get(paragraph, "Version"), "2.36-9"));
	assert_true(deb822_paragraph(&paragraph, &rest));
	assert_true(slice_eq(deb822_get(paragraph, "Package"), "tzdata"));
	assert_true(slice_eq(deb822_get(paragraph, "Description"),
			     "zones\n .\n more"));
	assert_int_equal(deb822_get(paragraph, "Version").len, 0);
	assert_false(deb822_paragraph(&paragraph, &rest));
}

static void a_value_goes_on_with_blanks(void **state)
{
	struct slice rest = slice_from(status);
	struct slice paragraph;

	(void)state;
	assert_true(deb822_paragraph(&paragraph, &rest));
	assert_true(slice_eq(deb822_get(paragraph, "Conffiles"),
			     "\n /etc/ld.so.conf "
			     "d4e7a7b88a71b5ffd9e2644e71a0cfab\n"
			     "# a comment\n /etc/x 00"));
}

#define FORMAT                                                            \
	"Format: https://www.debian.org/doc/packaging-manuals/copyright-" \
	"format/1.0/\n\n"

static const struct {
	const char *copyright;
	const char *expression; /* NULL: none */
} licenses[] = {
	{ "This is the Debian package of x.\n\nLicense: GPL-2\n", NULL },
	{ "", NULL },
	{ FORMAT, NULL },
	{ FORMAT "Files: *\nLicense: Expat\n text\n", "MIT" },
	{ FORMAT "Files: *\nLicense: GPL-2+\n\nFiles: a\nLicense: Expat\n\n"
		 "Files: b\nLicense: GPL-2+\n\nLicense: BSD-3-clause\n text\n",
	  "GPL-2.0-or-later AND MIT" },
	{ FORMAT "Files: *\nLicense: GPL-2+ or Artistic\n\n"
		 "Files: x\nLicense: LGPL-2.1\n",
	  "(GPL-2.0-or-later OR Artistic-1.0) AND LGPL-2.1-only" },
	{ FORMAT "Files: *\nLicense: GPL-3+ with OpenSSL exception\n",
	  "LicenseRef-GPL-3-or-later-with-OpenSSL-exception" },
	{ FORMAT "Files: *\nLicense: public-domain\n",
	  "LicenseRef-public-domain" },
	{ FORMAT "Files: *\nLicense: GPL-2+ and BSD-3-clause, and Zlib\n",
	  "GPL-2.0-or-later AND BSD-3-Clause AND Zlib" },
	{ FORMAT "Files: *\nLicense: AGPL-3.0\n", "AGPL-3.0-only" },
};

static void a_license_is_an_expression_of_spdx(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(licenses) / sizeof(licenses[0]); i++) {
		auto_buf struct buf out = { 0 };
		bool found = license_expression(
			&out, slice_from(licenses[i].copyright));

		assert_int_equal(found, licenses[i].expression != NULL);
		if (found)
			assert_string_equal(out.at, licenses[i].expression);
	}
}

static void what_spdx_does_not_list_is_found_in_an_expression(void **state)
{
	struct slice rest = SLICE("(MIT OR LicenseRef-a-b) AND LicenseRef-c");
	struct slice ref;

	(void)state;
	assert_true(license_next_ref(&ref, &rest));
	assert_true(slice_eq(ref, "LicenseRef-a-b"));
	assert_true(license_next_ref(&ref, &rest));
	assert_true(slice_eq(ref, "LicenseRef-c"));
	assert_false(license_next_ref(&ref, &rest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paragraphs_end_at_empty_lines),
		cmocka_unit_test(a_value_goes_on_with_blanks),
		cmocka_unit_test(a_license_is_an_expression_of_spdx),
		cmocka_unit_test(
			what_spdx_does_not_list_is_found_in_an_expression),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
