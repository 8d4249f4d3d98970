#include "tool/choices.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "data/choice_conf.h"
#include "seccomp/known.h"
#include "tool/choices_p11.h"
#include "tool/choices_pam.h"
#include "tool/choices_pattern.h"
#include "tool/choices_try.h"

static int see_names(const struct choices_work *work)
{
	const struct known *known = work->choice->known;
	struct slice word, rest = slice_from(known->names);
	size_t before = work->libraries->files.count;
	bool is_news = false;
	struct choices_work one = *work;

	one.is_news = &is_news;
	while (slice_word(&word, &rest)) {
		auto_free char *name = mem_text(word);

		if (choices_try(&one, name, true) < 0)
			return -1;
	}
	choices_drop_inert(work, before);
	*work->is_news |= is_news && work->libraries->files.count > before;
	return 0;
}

static int see_service(const struct choices_work *work, struct slice service)
{
	auto_buf struct buf name = { 0 };

	/* A path: it depends on the directory of who starts the program. */
	if (slice_find(service, '/') || slice_find(service, '\0')) {
		work->choice->is_partial = true;
		return 0;
	}
	buf_fmt(&name, "libnss_%.*s.so.2", SLICE_ARGS(service));
	return choices_try(work, name.at, true);
}

/*
 * A database without a line, or all without the file, have services that are
 * built in: some of these, by glibc's version (nss/nss_database.c).
 */
static int see_services(const struct choices_work *work)
{
	static const char built_in[] = "hosts: files dns\n"
				       "passwd: compat\n"
				       "netgroup: nis nisplus\n";
	auto_buf struct buf text = { 0 };
	struct choice_conf conf = { .text = SLICE(built_in) };
	struct slice service;

	if (choices_read(&text, work, "/etc/nsswitch.conf") < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		while (choice_conf_service(&service, &conf))
			if (see_service(work, service) < 0)
				return -1;
		conf = (struct choice_conf){ .text = buf_slice(&text) };
	}
	return 0;
}

static int see_gconv(const struct choices_work *work)
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
	if (choices_read(&text, work, conf.at) < 0)
		return -1;
	buf_text(&conf, ".d");
	int result = view_list(&more, work->libraries->request.view, conf.at,
			       work->err);

	for (size_t i = 0; result == 0 && i < more.paths.count; i++) {
		buf_text(&text, "\n");
		result = choices_read(&text, work, more.paths.at[i]);
	}
	root_free_paths(&more);
	work->choice->is_partial = choice_conf_gconv_leads_away(
		buf_slice(&text));
	return result < 0 ? -1 : choices_try_directory(work, dir.at);
}

/* Where openssl.cnf is stands in the library: OPENSSLDIR: "/usr/lib/ssl" */
static int see_openssl(const struct choices_work *work)
{
	static const char mark[] = "OPENSSLDIR: \"";
	struct slice bytes = work->libraries->files.at[work->choice->by].bytes;
	const char *found = memmem(bytes.at, bytes.len, mark, strlen(mark));
	auto_buf struct buf path = { 0 };
	auto_buf struct buf text = { 0 };
	struct slice dir, rest;

	work->choice->is_partial = true;
	if (!found)
		return choices_try_directory(work, work->choice->name);
	rest.at = found + strlen(mark);
	rest.len = (size_t)(bytes.at + bytes.len - rest.at);
	if (!slice_cut(&dir, &rest, '"') || dir.len > 4096)
		return choices_try_directory(work, work->choice->name);
	buf_fmt(&path, "%.*s/openssl.cnf", SLICE_ARGS(dir));
	if (choices_read(&text, work, path.at) < 0)
		return -1;
	work->choice->is_partial = choice_conf_openssl_loads(buf_slice(&text));
	return choices_try_directory(work, work->choice->name);
}

static int see_sasl_list(const struct choices_work *work, const char *path)
{
	auto_buf struct buf text = { 0 };

	if (choices_read(&text, work, path) < 0)
		return -1;
	work->choice->is_partial |= choice_conf_sasl_lists(buf_slice(&text));
	return 0;
}

/* Which program's is not asked. */
static int see_sasl_lists(const struct choices_work *work, const char *dir)
{
	return choices_each(work, dir, ".conf", see_sasl_list);
}

/* Each of "/one:/two". */
static int see_path(const struct choices_work *work,
		    int (*see_dir)(const struct choices_work *work,
				   const char *dir))
{
	struct slice dir, rest = slice_from(work->choice->name);

	while (slice_cut(&dir, &rest, ':')) {
		auto_free char *name = mem_text(dir);

		/* The working directory is not known. */
		if (*name != '/')
			work->choice->is_partial = true;
		else if (see_dir(work, name) < 0)
			return -1;
	}
	return 0;
}

static int see_preload(const struct choices_work *work)
{
	auto_buf struct buf text = { 0 };
	struct slice name, rest;

	if (choices_read(&text, work, work->choice->name) < 0)
		return -1;
	rest = buf_slice(&text);
	if (!choice_conf_preloaded(&name, &rest))
		return 0;
	return err_set(work->err, 0,
		       "%s: has the loader add %.*s to each program, before "
		       "what that needs; derive without this file, from "
		       "--root or --image",
		       work->choice->name, SLICE_ARGS(name));
}

static int see(const struct choices_work *work)
{
	const struct known *known = work->choice->known;

	if (!known)
		return choices_try(work, work->choice->name, false);
	switch (known->kind) {
	case KNOWN_NAMES:
		return see_names(work);
	case KNOWN_DIRECTORY:
		return *work->choice->name == '/'
			       ? choices_try_directory(work, work->choice->name)
			       : 0;
	case KNOWN_OPENSSL:
		return see_openssl(work);
	case KNOWN_NSS:
		return see_services(work);
	case KNOWN_PAM:
		return choices_see_pam(work);
	case KNOWN_SASL:
		return see_path(work, choices_try_directory);
	case KNOWN_SASL_LIST:
		return see_path(work, see_sasl_lists);
	case KNOWN_PATTERN:
		return choices_see_pattern(work);
	case KNOWN_GNUTLS:
		return choices_see_gnutls(work);
	case KNOWN_P11:
		return see_path(work, choices_see_p11);
	case KNOWN_PRELOAD:
		return see_preload(work);
	default:
		return see_gconv(work);
	}
}

bool choices_have(const struct choices *choices, const struct derive_ask *ask)
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
	struct choices_work work = { NULL, libraries, is_news, err };

	if (choices_have(choices, ask) || ask->by >= libraries->files.count)
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
