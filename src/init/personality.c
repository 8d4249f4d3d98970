#include "init/personality.h"

#include <errno.h>
#include <string.h>

#include "init/apply.h"

enum {
	PITH = PERSONALITY_PITH,
	TINI = PERSONALITY_TINI,
	DUMB = PERSONALITY_DUMB,
	CATATONIT = PERSONALITY_CATATONIT,
	PAUSE = PERSONALITY_PAUSE,
};

#define MADE_BY PITH_VERSION "_pith\n"

/*
 * docker info looks for "tini version ", and catatonit answers so for that
 * reason. Other errors than these two are 1 in tini.
 */
#define AS_TINI                                                              \
	.prefix = "tini: ", .kind = TINI, .failed = 1,                       \
	.refused = APPLY_NOT_EXECUTABLE, .not_found = APPLY_NOT_FOUND,       \
	.other = 1,                                                          \
	.behaviour = { .session = BEHAVIOUR_SESSION_GROUP,                   \
		       .verbosity = BEHAVIOUR_WARN,                          \
		       .notes_orphans = true },                              \
	.usage = "usage: tini [-ghlsvw] [-e CODE] [-p SIGNAL] [--] PROGRAM " \
		 "[ARG...]\n",                                               \
	.version = "tini version " MADE_BY

#define AS_CATATONIT                                                           \
	.prefix = "catatonit: ", .kind = CATATONIT, .failed = 1, .refused = 1, \
	.not_found = 1,                                                        \
	.behaviour = { .session = BEHAVIOUR_SESSION_GROUP,                     \
		       .verbosity = BEHAVIOUR_WARN,                            \
		       .adopts = true },                                       \
	.usage = "usage: catatonit [-ghLPV] [--] PROGRAM [ARG...]\n",          \
	.version = "tini version " MADE_BY

/*
 * Found by how the name begins, so that tini-static and dumb-init_1.2.5_amd64
 * are meant, too. Docker and podman install theirs under names of their own.
 */
static const struct personality personalities[] = {
	{ .name = "tini", AS_TINI },
	{ .name = "docker-init", AS_TINI },
	{ .name = "dumb-init",
	  .prefix = "[dumb-init] ",
	  .kind = DUMB,
	  .failed = 1,
	  .refused = 2,
	  .not_found = 2,
	  .is_on_stderr = true,
	  .behaviour = { .session = BEHAVIOUR_SESSION_OWN,
			 .to_group = true,
			 .ends_group = true,
			 .suspends = true },
	  .usage = "usage: dumb-init [-chvV] [-r SIGNAL:SIGNAL] [--] PROGRAM "
		   "[ARG...]\n",
	  .version = "dumb-init v" MADE_BY },
	{ .name = "catatonit", AS_CATATONIT },
	{ .name = "podman-init", AS_CATATONIT },
	{ .name = "pause",
	  .prefix = "pause: ",
	  .kind = PAUSE,
	  .failed = 1,
	  .behaviour = { .verbosity = BEHAVIOUR_WARN,
			 .adopts = true,
			 .pauses = true },
	  .usage = "usage: pause [-v]\n",
	  .version = "pause " MADE_BY },
	/* Last, for every name begins with nothing. */
	{ .name = "",
	  .prefix = "pith-init: ",
	  .kind = PITH,
	  .failed = APPLY_FAILED,
	  .refused = APPLY_NOT_EXECUTABLE,
	  .not_found = APPLY_NOT_FOUND,
	  .behaviour = { .verbosity = BEHAVIOUR_WARN,
			 .adopts = true,
			 .stops = true },
	  .version = "pith-init " PITH_VERSION "\n" },
};

static const struct {
	char letter;
	uint8_t letter_in; /* the personalities that know -LETTER */
	uint8_t word_in;   /* those that know --WORD */
	uint8_t what;
	char word[13];
} options[] = {
	{ 'o', PITH, 0, OPTION_SETTING, "" },
	{ 'g', PITH | TINI | CATATONIT, 0, OPTION_GROUP, "" },
	{ 'c', PITH | DUMB, PITH | DUMB, OPTION_CHILD, "single-child" },
	{ 's', PITH | TINI, 0, OPTION_ADOPT, "" },
	{ 'w', PITH | TINI, 0, OPTION_REAPING, "" },
	{ 'v', PITH | TINI, PITH, OPTION_VERBOSE, "verbose" },
	{ 'v', DUMB, DUMB, OPTION_TRACE, "verbose" },
	{ 'v', PAUSE, 0, OPTION_VERSION, "" },
	{ 'P', PITH | CATATONIT, PITH, OPTION_PAUSE, "pause" },
	{ 'h', UINT8_MAX, PITH | DUMB, OPTION_HELP, "help" },
	{ 'V', PITH | DUMB | CATATONIT, UINT8_MAX, OPTION_VERSION, "version" },
	{ 'l', PITH | TINI, 0, OPTION_LICENSE, "" },
	{ 'L', PITH | CATATONIT, 0, OPTION_LICENSE, "" },
	{ 'p', PITH | TINI, 0, OPTION_DEATH_SIGNAL, "" },
	{ 'r', PITH | DUMB, PITH | DUMB, OPTION_REWRITE, "rewrite" },
	{ 'e', PITH | TINI, 0, OPTION_SUCCESS, "" },
};

static const struct {
	char name[25];
	char value; /* the only one that counts; 0: any does, even none */
	uint8_t in;
	uint8_t what;
} variables[] = {
	{ "TINI_KILL_PROCESS_GROUP=", 0, PITH | TINI, OPTION_GROUP },
	{ "TINI_SUBREAPER=", 0, PITH | TINI, OPTION_ADOPT },
	{ "TINI_VERBOSITY=", 0, PITH | TINI, OPTION_VERBOSITY },
	{ "DUMB_INIT_SETSID=", '0', PITH | DUMB, OPTION_CHILD },
	{ "DUMB_INIT_DEBUG=", '1', PITH | DUMB, OPTION_TRACE },
	{ "CATATONIT_DEBUG=", 0, PITH | CATATONIT, OPTION_TRACE },
};

enum {
	OPTIONS = sizeof(options) / sizeof(options[0]),
	VARIABLES = sizeof(variables) / sizeof(variables[0]),
};

/* What follows prefix in text, or NULL where text begins otherwise. */
static const char *after(const char *text, const char *prefix)
{
	while (*prefix)
		if (*text++ != *prefix++)
			return NULL;
	return text;
}

const struct personality *personality_of(const char *path)
{
	const struct personality *as = personalities;
	const char *base = path;

	for (; *path; path++)
		if (*path == '/')
			base = path + 1;
	while (!after(base, as->name))
		as++;
	return as;
}

int personality_exit(const struct personality *as, int code, int error)
{
	if (code == APPLY_FAILED)
		return as->failed;
	if (as->other && error && error != ENOENT && error != EACCES)
		return as->other;
	return code == APPLY_NOT_FOUND ? as->not_found : as->refused;
}

int personality_letter(const struct personality *as, char letter)
{
	for (int i = 0; i < OPTIONS; i++)
		if (options[i].letter == letter &&
		    options[i].letter_in & as->kind)
			return options[i].what;
	return -1;
}

int personality_word(const struct personality *as, struct slice name)
{
	for (int i = 0; i < OPTIONS; i++)
		if (options[i].word_in & as->kind &&
		    slice_eq(name, options[i].word))
			return options[i].what;
	return -1;
}

int personality_variable(const struct personality *as, const char *assignment,
			 const char **value)
{
	for (int i = 0; i < VARIABLES; i++) {
		if (!(variables[i].in & as->kind))
			continue;
		*value = after(assignment, variables[i].name);
		if (*value && (!variables[i].value ||
			       (**value == variables[i].value && !(*value)[1])))
			return variables[i].what;
	}
	return -1;
}
