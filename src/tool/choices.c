#include "tool/choices.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/choice_conf.h"
#include "seccomp/inert.h"
#include "seccomp/known.h"

enum { CONF_MAX = 1 << 20, FILE_MAX_LEN = 64 << 20, NAMES_MAX = 256 };

/* The question, and where its answer goes. */
struct work {
	struct choice *choice;
	struct libraries *libraries;
	bool *is_news;
	struct err *err;
};

static bool has(char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static int try_one(const struct work *work, const char *name, bool is_whole)
{
	struct choice *choice = work->choice;
	int got;

	if (has(choice->found.at, choice->found.count, name) ||
	    has(choice->absent.at, choice->absent.count, name))
		return 0;
	if (choice->found.count + choice->absent.count == NAMES_MAX)
		return err_set(work->err, 0, "%s: more than %d libraries",
			       choice->name, NAMES_MAX);
	got = libraries_try(work->is_news, work->libraries, choice->by, name,
			    is_whole, work->err);
	if (got > 0)
		LIST_ADD(&choice->found, mem_text(slice_from(name)));
	else if (got == 0)
		LIST_ADD(&choice->absent, mem_text(slice_from(name)));
	return got < 0 ? -1 : 0;
}

/* A directory's files that may be libraries, some of which are inert. */
struct batch {
	struct root_paths paths;
	struct slice *files; /* as many; empty: none that counts */
	bool *is_inert;
};

static void free_batch(struct batch *batch)
{
	for (size_t i = 0; i < batch->paths.paths.count; i++)
		if (batch->files && batch->files[i].len)
			free((void *)(uintptr_t)batch->files[i].at);
	free(batch->files);
	free(batch->is_inert);
	root_free_paths(&batch->paths);
}

static int load_batch(struct batch *batch, const struct work *work)
{
	const struct view *view = work->libraries->request.view;
	size_t count = batch->paths.paths.count;

	batch->files = mem_new(count + 1, sizeof(*batch->files));
	batch->is_inert = mem_new(count + 1, sizeof(*batch->is_inert));
	for (size_t i = 0; i < count; i++) {
		struct buf bytes = { 0 };

		if (view_load(&bytes, view, batch->paths.paths.at[i],
			      FILE_MAX_LEN, work->err) < 0) {
			buf_free(&bytes);
			return -1;
		}
		if (slice_has_prefix(buf_slice(&bytes), ELFMAG))
			batch->files[i] = buf_slice(&bytes);
		else
			buf_free(&bytes);
	}
	return 0;
}

/* An inert library may need no other than libc and its like in the batch. */
static bool needs_others(const struct batch *batch, struct slice file,
			 const struct libraries *libraries)
{
	struct elf elf;
	struct err ignored;

	if (elf_parse(&elf, file, &ignored) < 0)
		return true;
	for (size_t i = 0; i < elf.needed_count; i++) {
		auto_free char *name = mem_text(elf.needed[i]);
		bool is_here = libraries_have(libraries, name);

		for (size_t n = 0; n < batch->paths.paths.count; n++) {
			const char *path = batch->paths.paths.at[n];

			is_here |= strcmp(strrchr(path, '/') + 1, name) == 0;
		}
		if (!is_here)
			return true;
	}
	return false;
}

static void add_sum(struct buf *out, const char *path, struct slice file)
{
	struct sum sum = sum_of(file);

	buf_fmt(out, "%s %s\n", sum.text, path);
}

/* Those that are not inert are analysed with all others. */
static int take_batch(const struct batch *batch, const struct work *work)
{
	struct choice *choice = work->choice;
	auto_buf struct buf sums = { 0 };

	for (size_t i = 0; i < batch->paths.paths.count; i++) {
		const char *path = batch->paths.paths.at[i];
		struct slice file = batch->files[i];

		if (!file.len)
			continue;
		if (batch->is_inert[i] &&
		    !needs_others(batch, file, work->libraries)) {
			choice->inert_count++;
			add_sum(&sums, path, file);
		} else if (try_one(work, path, true) < 0) {
			return -1;
		}
	}
	choice->inert = sum_of(buf_slice(&sums));
	if (!choice->inert_at)
		choice->inert_at = mem_text(slice_from(choice->name));
	return 0;
}

static int see_batch(struct batch *batch, const struct work *work)
{
	if (load_batch(batch, work) < 0)
		return -1;
	inert_find(batch->is_inert, batch->files, batch->paths.paths.count,
		   work->choice->known->calls);
	return take_batch(batch, work);
}

static int see_directory(const struct work *work, const char *path)
{
	struct batch batch = { .files = NULL };
	int result = view_list(&batch.paths, work->libraries->request.view,
			       path, work->err);

	if (result == 0)
		result = see_batch(&batch, work);
	free_batch(&batch);
	return result;
}

/* The file's text; empty where it is not there. */
static int read_conf(struct buf *out, const struct work *work, const char *path)
{
	int got = view_load(out, work->libraries->request.view, path, CONF_MAX,
			    work->err);

	if (got > 0 && !work->choice->read) {
		work->choice->read = mem_text(slice_from(path));
		work->choice->read_sum = sum_of(buf_slice(out));
	}
	return got < 0 ? -1 : 0;
}

/* A library that came alone and is inert has nothing to be analysed. */
static void drop_inert(const struct work *work, size_t before)
{
	struct libraries *libraries = work->libraries;
	struct choice *choice = work->choice;
	auto_buf struct buf sums = { 0 };
	bool is_inert = false;

	if (libraries->files.count != before + 1)
		return;
	const struct library *file = &libraries->files.at[before];

	inert_find(&is_inert, &file->bytes, 1, choice->known->calls);
	if (!is_inert)
		return;
	add_sum(&sums, file->path, file->bytes);
	choice->inert = sum_of(buf_slice(&sums));
	choice->inert_at = mem_text(slice_from(file->path));
	choice->inert_count = 1;
	while (choice->found.count)
		free(choice->found.at[--choice->found.count]);
	libraries_take_back(libraries, before);
}

static int see_names(const struct work *work)
{
	const struct known *known = work->choice->known;
	struct slice word, rest = slice_from(known->names);
	size_t before = work->libraries->files.count;
	bool is_news = false;
	struct work one = *work;

	one.is_news = &is_news;
	while (slice_word(&word, &rest)) {
		auto_free char *name = mem_text(word);

		if (try_one(&one, name, true) < 0)
			return -1;
	}
	drop_inert(work, before);
	*work->is_news |= is_news && work->libraries->files.count > before;
	return 0;
}

static int see_service(const struct work *work, struct slice service)
{
	auto_buf struct buf name = { 0 };

	/* A path: it depends on the directory of who starts the program. */
	if (slice_find(service, '/') || slice_find(service, '\0')) {
		work->choice->is_partial = true;
		return 0;
	}
	buf_fmt(&name, "libnss_%.*s.so.2", SLICE_ARGS(service));
	return try_one(work, name.at, true);
}

/*
 * A database without a line, or all without the file, have services that are
 * built in: some of these, by glibc's version (nss/nss_database.c).
 */
static int see_services(const struct work *work)
{
	static const char built_in[] = "hosts: files dns\n"
				       "passwd: compat\n"
				       "netgroup: nis nisplus\n";
	auto_buf struct buf text = { 0 };
	struct choice_conf conf = { .text = SLICE(built_in) };
	struct slice service;

	if (read_conf(&text, work, "/etc/nsswitch.conf") < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		while (choice_conf_service(&service, &conf))
			if (see_service(work, service) < 0)
				return -1;
		conf = (struct choice_conf){ .text = buf_slice(&text) };
	}
	return 0;
}

static int see_gconv(const struct work *work)
{
	const char *slash = strrchr(work->choice->name, '/');
	auto_buf struct buf dir = { 0 };
	auto_buf struct buf conf = { 0 };
	auto_buf struct buf text = { 0 };
	struct root_paths more;

	if (!slash)
		return 0;
	buf_add(&dir, work->choice->name, (size_t)(slash - work->choice->name));
	buf_fmt(&conf, "%s/gconv-modules", dir.at);
	if (read_conf(&text, work, conf.at) < 0)
		return -1;
	buf_text(&conf, ".d");
	int result = view_list(&more, work->libraries->request.view, conf.at,
			       work->err);

	for (size_t i = 0; result == 0 && i < more.paths.count; i++) {
		buf_text(&text, "\n");
		result = read_conf(&text, work, more.paths.at[i]);
	}
	root_free_paths(&more);
	work->choice->is_partial = choice_conf_gconv_leads_away(
		buf_slice(&text));
	return result < 0 ? -1 : see_directory(work, dir.at);
}

/* Where openssl.cnf is stands in the library: OPENSSLDIR: "/usr/lib/ssl" */
static int see_openssl(const struct work *work)
{
	static const char mark[] = "OPENSSLDIR: \"";
	struct slice bytes = work->libraries->files.at[work->choice->by].bytes;
	const char *found = memmem(bytes.at, bytes.len, mark, strlen(mark));
	auto_buf struct buf path = { 0 };
	auto_buf struct buf text = { 0 };
	struct slice dir, rest;

	work->choice->is_partial = true;
	if (!found)
		return see_directory(work, work->choice->name);
	rest.at = found + strlen(mark);
	rest.len = (size_t)(bytes.at + bytes.len - rest.at);
	if (!slice_cut(&dir, &rest, '"') || dir.len > 4096)
		return see_directory(work, work->choice->name);
	buf_fmt(&path, "%.*s/openssl.cnf", SLICE_ARGS(dir));
	if (read_conf(&text, work, path.at) < 0)
		return -1;
	work->choice->is_partial = choice_conf_openssl_loads(buf_slice(&text));
	return see_directory(work, work->choice->name);
}

static int see(const struct work *work)
{
	const struct known *known = work->choice->known;

	if (!known)
		return try_one(work, work->choice->name, false);
	switch (known->kind) {
	case KNOWN_NAMES:
		return see_names(work);
	case KNOWN_DIRECTORY:
		return *work->choice->name == '/'
			       ? see_directory(work, work->choice->name)
			       : 0;
	case KNOWN_OPENSSL:
		return see_openssl(work);
	case KNOWN_NSS:
		return see_services(work);
	default:
		return see_gconv(work);
	}
}

static bool is_answered(const struct choices *choices,
			const struct derive_ask *ask)
{
	for (size_t i = 0; i < choices->all.count; i++) {
		const struct choice *choice = &choices->all.at[i];

		if (choice->known == ask->known && choice->by == ask->by &&
		    slice_eq(ask->name, choice->name))
			return true;
	}
	return false;
}

int choices_answer(bool *is_news, struct choices *choices,
		   struct libraries *libraries, const struct derive_ask *ask,
		   struct err *err)
{
	struct work work = { NULL, libraries, is_news, err };

	if (is_answered(choices, ask) || ask->by >= libraries->files.count)
		return 0;
	LIST_ADD(&choices->all, (struct choice){ .known = ask->known,
						 .name = mem_text(ask->name),
						 .by = ask->by });
	work.choice = &choices->all.at[choices->all.count - 1];
	return see(&work);
}

int choices_answer_all(bool *is_news, struct choices *choices,
		       struct libraries *libraries, const struct derive *derive,
		       struct err *err)
{
	for (size_t i = 0; i < derive->asks.count; i++)
		if (choices_answer(is_news, choices, libraries,
				   &derive->asks.at[i], err) < 0)
			return -1;
	return 0;
}

static void print_names(struct buf *out, char mark, char *const *names,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_fmt(out, "\n%c", mark);
		buf_text(out, names[i]);
	}
}

void choices_print_key(struct buf *out, const struct choices *choices)
{
	for (size_t i = 0; i < choices->all.count; i++) {
		const struct choice *choice = &choices->all.at[i];

		buf_fmt(out, "%zu %d %d %zu %s %s ", choice->by,
			choice->known ? (int)(choice->known - known_all) : -1,
			choice->is_partial, choice->inert_count,
			choice->inert_count ? choice->inert.text : "-",
			choice->read ? choice->read_sum.text : "-");
		buf_text(out, choice->name);
		print_names(out, '+', choice->found.at, choice->found.count);
		print_names(out, '-', choice->absent.at, choice->absent.count);
		buf_text(out, "\n");
	}
}

static void free_names(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

void choices_free(struct choices *choices)
{
	for (size_t i = 0; i < choices->all.count; i++) {
		struct choice *choice = &choices->all.at[i];

		free(choice->name);
		free(choice->read);
		free(choice->inert_at);
		free_names(choice->found.at, choice->found.count);
		free_names(choice->absent.at, choice->absent.count);
	}
	free(choices->all.at);
	*choices = (struct choices){ 0 };
}
