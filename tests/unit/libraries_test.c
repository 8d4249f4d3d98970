#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <elf.h>

#include "base/err.h"
#include "base/io.h"
#include "image/libraries.h"
#include "image/plan.h"
#include "image/root.h"

/* A file that a loader could map, if it looked no further than its tables. */
struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segments[3];
	Elf64_Dyn dynamic[32];
	char strings[1024];
	char tail[256]; /* of a loader: its directories */
};

struct maker {
	struct image image;
	size_t dynamic, strings;
};

static size_t put_string(struct maker *maker, const char *text, size_t len)
{
	size_t at = maker->strings;

	assert_true(at + len + 1 < sizeof(maker->image.strings));
	memcpy(maker->image.strings + at, text, len);
	maker->strings += len + 1;
	return at;
}

static void put_dynamic(struct maker *maker, int64_t tag, uint64_t value)
{
	assert_true(maker->dynamic < 30);
	maker->image.dynamic[maker->dynamic++] = (Elf64_Dyn){ tag, { value } };
}

static void put_segment(struct maker *maker, size_t i, uint32_t type, size_t at,
			size_t size)
{
	maker->image.segments[i] = (Elf64_Phdr){ .p_type = type,
						 .p_offset = at,
						 .p_vaddr = at,
						 .p_filesz = size,
						 .p_memsz = size };
}

static void put_needs(struct maker *maker, const char *names)
{
	struct slice rest = slice_from(names);
	struct slice name;

	while (slice_cut(&name, &rest, ','))
		put_dynamic(maker, DT_NEEDED,
			    put_string(maker, name.at, name.len));
}

/* "/a/,/b/" behind the zero byte that ends a text before. */
static void put_dirs(struct maker *maker, const char *dirs)
{
	snprintf(maker->image.tail + 1, sizeof(maker->image.tail) - 1, "%s",
		 dirs);
	for (char *p = maker->image.tail + 1; *p; p++)
		if (*p == ',')
			*p = '\0';
}

static void put_word(struct maker *maker, const char *word)
{
	const char *value = strchr(word, '=');
	struct slice name = { word,
			      value ? (size_t)(value - word) : strlen(word) };

	value = value ? value + 1 : "";
	size_t len = strlen(value);

	if (slice_eq(name, "needs"))
		put_needs(maker, value);
	else if (slice_eq(name, "runpath"))
		put_dynamic(maker, DT_RUNPATH, put_string(maker, value, len));
	else if (slice_eq(name, "rpath"))
		put_dynamic(maker, DT_RPATH, put_string(maker, value, len));
	else if (slice_eq(name, "soname"))
		put_dynamic(maker, DT_SONAME, put_string(maker, value, len));
	else if (slice_eq(name, "nodeflib"))
		put_dynamic(maker, DT_FLAGS_1, DF_1_NODEFLIB);
	else if (slice_eq(name, "machine"))
		maker->image.header.e_machine = (uint16_t)atoi(value);
	else if (slice_eq(name, "dirs"))
		put_dirs(maker, value);
	else if (slice_eq(name, "interp"))
		put_segment(maker, 2, PT_INTERP,
			    offsetof(struct image, strings) +
				    put_string(maker, value, len),
			    len + 1);
	else
		fail_msg("%s", word);
}

static void start_image(struct maker *maker)
{
	*maker = (struct maker){ .strings = 1 };
	maker->image.header = (Elf64_Ehdr){
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB },
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_phoff = offsetof(struct image, segments),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	};
	put_segment(maker, 0, PT_LOAD, 0, sizeof(struct image));
	put_segment(maker, 1, PT_DYNAMIC, offsetof(struct image, dynamic),
		    sizeof(maker->image.dynamic));
	put_dynamic(maker, DT_STRTAB, offsetof(struct image, strings));
	put_dynamic(maker, DT_STRSZ, sizeof(maker->image.strings));
}

/* Make the directories above path, and store its name on this machine. */
static void place(char *out, size_t size, const char *root, const char *path)
{
	snprintf(out, size, "%s%s", root, path);
	for (char *p = out + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(out, 0755);
		*p = '/';
	}
}

static void write_bytes(const char *file, const void *bytes, size_t len)
{
	FILE *out = fopen(file, "we");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static void make_elf(const char *file, char *words)
{
	struct maker maker;
	char *save, *word;

	start_image(&maker);
	for (word = strtok_r(words, " ", &save); word;
	     word = strtok_r(NULL, " ", &save))
		put_word(&maker, word);
	write_bytes(file, &maker.image, sizeof(maker.image));
}

/* Words are lines; \s in one is a blank. */
static void make_text(const char *file, char *words)
{
	for (char *p = words; *p; p++) {
		if (*p == ' ')
			*p = '\n';
		if (p[0] == '\\' && p[1] == 's') {
			*p = ' ';
			memmove(p + 1, p + 2, strlen(p + 2) + 1);
		}
	}
	write_bytes(file, words, strlen(words));
}

/* One case under way. */
struct trial {
	char name[128];
	char root[64];
	char want[1024]; /* places, each with a blank in front; or the error */
	bool wants_error;
	char leads[8][256]; /* "PATH TARGET" */
	size_t lead_count;
};

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

/* "ROOT" in the text becomes the root's name. */
static void fill_in(char *out, size_t size, const char *text, const char *root)
{
	const char *at;

	*out = '\0';
	while ((at = strstr(text, "ROOT"))) {
		size_t used = strlen(out);

		snprintf(out + used, size - used, "%.*s%s", (int)(at - text),
			 text, root);
		text = at + 4;
	}
	snprintf(out + strlen(out), size - strlen(out), "%s", text);
}

static void expect_leads(const struct trial *trial,
			 const struct libraries *libraries)
{
	for (size_t i = 0; i < trial->lead_count; i++) {
		bool is_there = false;
		char link[512];

		for (size_t n = 0; n < libraries->links.count; n++) {
			snprintf(link, sizeof(link), "%s %s",
				 libraries->links.at[n].path,
				 libraries->links.at[n].target);
			is_there |= strcmp(link, trial->leads[i]) == 0;
		}
		if (!is_there)
			fail_msg("%s: no link %s", trial->name,
				 trial->leads[i]);
	}
}

static void expect_found(const struct trial *trial,
			 const struct libraries *libraries)
{
	char got[1024] = "";

	for (size_t i = 1; i < libraries->files.count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), " %s",
			 libraries->files.at[i].place);
	if (trial->wants_error || strcmp(got, trial->want) != 0)
		fail_msg("%s: got%s", trial->name, got);
	expect_leads(trial, libraries);
}

static void finish(struct trial *trial)
{
	struct root root;
	struct view view = { .root = &root };
	struct libraries libraries;
	char file[128], text[2048];
	struct err err;

	if (!*trial->name)
		return;
	assert_int_equal(root_open(&root, trial->root, &err), 0);
	snprintf(file, sizeof(file), "%s/app/x", trial->root);
	struct libraries_request request = { &view, "/app/x", file, NULL };

	if (libraries_open(&libraries, &request, &err) == 0) {
		expect_found(trial, &libraries);
		libraries_close(&libraries);
	} else {
		fill_in(text, sizeof(text), trial->want, trial->root);
		if (!trial->wants_error || strcmp(text, err.text) != 0)
			fail_msg("%s: got %s", trial->name, err.text);
	}
	root_close(&root);
	nftw(trial->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void start(struct trial *trial, const char *name)
{
	finish(trial);
	*trial = (struct trial){ .root = "/tmp/pith-search-XXXXXX" };
	snprintf(trial->name, sizeof(trial->name), "%s", name);
	assert_non_null(mkdtemp(trial->root));
}

static void take_file(struct trial *trial, const char *verb, char *rest)
{
	char file[512];
	char *path = rest;

	rest = strchr(rest, ' ');
	if (rest)
		*rest++ = '\0';
	place(file, sizeof(file), trial->root, path);
	if (strcmp(verb, "elf") == 0)
		make_elf(file, rest ? rest : path + strlen(path));
	else if (strcmp(verb, "text") == 0)
		make_text(file, rest);
	else
		assert_int_equal(symlink(rest, file), 0);
}

static void take_line(struct trial *trial, char *line)
{
	char *rest = strchr(line, ' ');

	assert_non_null(rest);
	*rest++ = '\0';
	if (strcmp(line, "case") == 0) {
		start(trial, rest);
	} else if (strcmp(line, "want") == 0) {
		snprintf(trial->want, sizeof(trial->want), " %s", rest);
	} else if (strcmp(line, "error") == 0) {
		snprintf(trial->want, sizeof(trial->want), "%s", rest);
		trial->wants_error = true;
	} else if (strcmp(line, "leads") == 0) {
		snprintf(trial->leads[trial->lead_count++],
			 sizeof(trial->leads[0]), "%s", rest);
	} else {
		take_file(trial, line, rest);
	}
}

static void the_table_of_searches_holds(void **state)
{
	struct trial trial = { .name = "" };
	char *text, *line, *save;
	size_t len, cases = 0;
	struct err err;

	(void)state;
	assert_int_equal(
		io_load(&text, &len, "tests/data/search.tests", 1 << 20, &err),
		0);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		cases += strncmp(line, "case ", 5) == 0;
		if (*line != '#')
			take_line(&trial, line);
	}
	finish(&trial);
	free(text);
	assert_true(cases > 35);
}

/* The name of a planned file leads to another one when it is read. */
static void another_file_than_the_planned_is_refused(void **state)
{
	char root_path[] = "/tmp/pith-search-XXXXXX";
	char one[64], other[64], link[64], file[64], words[2][16];
	struct root root;
	struct plan plan = { 0 };
	struct view view = { .root = &root, .plan = &plan };
	struct libraries libraries;
	struct stat st;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(root_path));
	place(one, sizeof(one), root_path, "/one/x");
	place(other, sizeof(other), root_path, "/other/x");
	snprintf(link, sizeof(link), "%s/dir", root_path);
	snprintf(file, sizeof(file), "%s/dir/x", root_path);
	make_elf(one, strcpy(words[0], "soname=one"));
	make_elf(other, strcpy(words[1], "soname=other"));
	assert_int_equal(symlink("one", link), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(
		plan_add(&plan,
			 &(struct plan_entry){ .path = "/app/x",
					       .type = TAR_FILE,
					       .size = (uint64_t)st.st_size,
					       .from = file,
					       .stamp = plan_stamp(&st) },
			 &err),
		0);
	assert_int_equal(plan_finish(&plan, &err), 0);
	assert_int_equal(root_open(&root, root_path, &err), 0);
	struct libraries_request request = { &view, "/app/x", file, NULL };

	assert_int_equal(libraries_open(&libraries, &request, &err), 0);
	libraries_close(&libraries);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink("other", link), 0);
	assert_int_equal(libraries_open(&libraries, &request, &err), -1);
	assert_non_null(strstr(err.text, "/dir/x: changed while the image"));
	root_close(&root);
	plan_free(&plan);
	nftw(root_path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_searches_holds),
		cmocka_unit_test(another_file_than_the_planned_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
