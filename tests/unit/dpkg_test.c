/* Who owns a file, by a database of our own in a directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/dpkg.h"
#include "image/root.h"

static char root[] = "/tmp/pith-dpkg.XXXXXX";
static struct root opened = { .fd = -1 };

static const struct {
	const char *path, *text;
} files[] = {
	{ "status", "Package: libc6\nStatus: install ok installed\n"
		    "Architecture: amd64\n\n"
		    "Package: libc6\nStatus: install ok installed\n"
		    "Architecture: i386\n\n"
		    "Package: dash\nStatus: install ok installed\n"
		    "Architecture: amd64\n\n"
		    "Package: ../dash\nStatus: install ok installed\n"
		    "Architecture: amd64\n\n"
		    "Package: bash\nStatus: install ok installed\n"
		    "Architecture: amd64\n\n"
		    "Package: gone\nStatus: deinstall ok config-files\n"
		    "Architecture: amd64\n" },
	{ "info/libc6:amd64.list", "/.\n/lib\n/lib/libc.so.6\n" },
	{ "info/libc6:i386.list", "/.\n/usr/lib32/libc.so.6\n" },
	{ "info/dash.list", "/bin/sh\n/usr/bin/dash\n" },
	{ "info/bash.list", "/bin/sh\n/bin/bash\n" },
	{ "info/gone.list", "/etc/gone\n" },
	{ "info/dash.md5sums", "00  bin/sh\n" },
	{ "diversions", "/bin/sh\n/bin/sh.distrib\ndash\n" },
};

static int make_root(void **state)
{
	char path[256];
	struct err err;

	(void)state;
	if (!mkdtemp(root))
		return -1;
	for (const char *dir = "/var\0/var/lib\0/var/lib/dpkg\0"
			       "/var/lib/dpkg/info\0";
	     *dir; dir += strlen(dir) + 1) {
		snprintf(path, sizeof(path), "%s%s", root, dir);
		mkdir(path, 0755);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/var/lib/dpkg/%s", root,
			 files[i].path);
		FILE *file = fopen(path, "w");

		if (!file || fputs(files[i].text, file) < 0 || fclose(file))
			return -1;
	}
	return root_open(&opened, root, &err);
}

static int remove_root(void **state)
{
	char command[256];

	(void)state;
	root_close(&opened);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void each_file_has_its_owner(void **state)
{
	static const struct {
		const char *path, *name, *arch;
	} wanted[] = {
		{ "/usr/lib/libc.so.6", "libc6", "amd64" },
		{ "/lib/libc.so.6", "libc6", "amd64" },
		{ "/usr/lib32/libc.so.6", "libc6", "i386" },
		{ "/usr/bin/dash", "dash", "amd64" },
		/* diverted: bash's own lies elsewhere */
		{ "/usr/bin/sh", "dash", "amd64" },
		{ "/usr/bin/sh.distrib", "bash", "amd64" },
		{ "/etc/gone", NULL, NULL },
		{ "/usr/bin/none", NULL, NULL },
	};
	enum { COUNT = sizeof(wanted) / sizeof(wanted[0]) };
	struct dpkg_owner owners[COUNT];
	struct dpkg dpkg;
	struct err err;

	(void)state;
	assert_int_equal(dpkg_open(&dpkg, &opened, &err), 0);
	for (size_t i = 0; i < COUNT; i++)
		owners[i] = (struct dpkg_owner){ .path = wanted[i].path };
	assert_int_equal(dpkg_find_owners(owners, COUNT, &dpkg, &err), 0);
	for (size_t i = 0; i < COUNT; i++) {
		const struct dpkg_package *package = owners[i].package;

		if (!wanted[i].name) {
			assert_null(package);
			continue;
		}
		assert_non_null(package);
		assert_true(slice_eq(package->name, wanted[i].name));
		assert_true(slice_eq(package->arch, wanted[i].arch));
	}
	dpkg_close(&dpkg);
}

static void a_packages_own_files_are_read(void **state)
{
	struct dpkg dpkg;
	struct err err;
	char *data;
	size_t len;

	(void)state;
	assert_int_equal(dpkg_open(&dpkg, &opened, &err), 0);
	assert_int_equal(dpkg_load(&data, &len, &dpkg,
				   dpkg_named(&dpkg, SLICE("dash")), "md5sums",
				   &err),
			 0);
	assert_string_equal(data, "00  bin/sh\n");
	free(data);
	assert_int_equal(dpkg_load(&data, &len, &dpkg,
				   dpkg_named(&dpkg, SLICE("bash")), "md5sums",
				   &err),
			 0);
	assert_null(data);
	assert_null(dpkg_named(&dpkg, SLICE("gone")));
	/* It would be a file elsewhere. */
	assert_null(dpkg_named(&dpkg, SLICE("../dash")));
	dpkg_close(&dpkg);
}

static void a_root_without_packages_is_no_failure(void **state)
{
	auto_root struct root other = { .fd = -1 };
	struct dpkg dpkg;
	struct err err;

	(void)state;
	assert_int_equal(root_open(&other, "/proc/self", &err), 0);
	assert_int_equal(dpkg_open(&dpkg, &other, &err), 1);
	dpkg_close(&dpkg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_file_has_its_owner),
		cmocka_unit_test(a_packages_own_files_are_read),
		cmocka_unit_test(a_root_without_packages_is_no_failure),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
