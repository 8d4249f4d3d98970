#ifndef DATA_SERVICE_KEY_H
#define DATA_SERVICE_KEY_H

/*
 * service_key: what service.c shares with its printer and with the recipe's
 * reader: the table's rows, and how words are quoted.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct buf;
struct err;
struct service;
struct service_bits;
struct service_level;
struct service_words;

enum service_kind {
	KIND_EXEC,
	KIND_WORDS,
	KIND_ENVIRONMENT,
	KIND_FILES,
	KIND_SECRETS,
	KIND_LANDLOCK_PATHS,
	KIND_LANDLOCK_PORTS,
	KIND_USER,
	KIND_GROUP,
	KIND_GROUPS,
	KIND_LIMIT,
	KIND_LIMIT_SIZE,
	KIND_PATH,
	KIND_SPAN,
	KIND_TIMEOUT, /* a span; 0 is infinity */
	KIND_UMASK,
	KIND_BOOL,
	KIND_SIGNAL,
	KIND_REWRITE,
	KIND_CODES,
	KIND_URL,
	KIND_COMMANDS,
	KIND_COUNT,
	KIND_KEYS,	  /* Override= */
	KIND_BEST_EFFORT, /* likewise, of those with LATER_BEST_EFFORT */
	KIND_SAID,
	KIND_NICE,
	KIND_OOM_SCORE,
	/* From here on in the order of service_choices: some words of those. */
	KIND_CAPABILITIES,
	KIND_SECURE_BITS,
	KIND_SCOPE,
	/* One word. */
	KIND_KILL_MODE,
	KIND_TYPE,
	KIND_RESTART,
	KIND_LOG_LEVEL,
	KIND_LOG_FORMAT,
	KIND_CALL_LOG,
};

/* What -o may do to a key. */
enum service_later {
	LATER_FREE,    /* says nothing about the sandbox */
	LATER_TIGHTER, /* as service_tighten describes */
	LATER_NEVER,   /* fixed when the image is built */
	LATER_MASK = 3,
	LATER_BEST_EFFORT = 4, /* a flag: BestEffort= may name it */
};

/* The rows of the table, by name: SERVICE_KEY_User and so on. */
enum {
#define LIMIT(name, nr)		   KEY(Limit##name, , , )
#define LIMIT_B(name, nr)	   KEY(Limit##name, , , )
#define BEST(name, kind, at)	   KEY(name, , , )
#define KEY(name, kind, later, at) SERVICE_KEY_##name,
#include "data/service_key.inc"
#undef KEY
#undef BEST
#undef LIMIT_B
#undef LIMIT
	SERVICE_KEYS,
};

struct service_key {
	const char *name;
	uint8_t kind;
	uint8_t later;
	uint16_t at; /* offset in struct service; for limits, RLIMIT_* */
};

/* "one|another|...": the words of a kind from KIND_CAPABILITIES on, by value. */
const char *service_choices(enum service_kind kind);

/* The row of that name and its place, or -1 with *err. */
int service_key_find(struct service_key *out, struct slice name,
		     struct err *err);

/* The i-th row, without a name past the last. */
struct service_key service_key_at(size_t i);

/* True for a key that may be given again, to add to what it holds. */
static inline bool service_key_is_list(struct service_key key)
{
	return key.kind == KIND_WORDS || key.kind == KIND_ENVIRONMENT ||
	       key.kind == KIND_FILES || key.kind == KIND_SECRETS ||
	       key.kind == KIND_GROUPS || key.kind == KIND_COMMANDS ||
	       key.kind == KIND_KEYS || key.kind == KIND_BEST_EFFORT ||
	       key.kind == KIND_LANDLOCK_PATHS ||
	       key.kind == KIND_LANDLOCK_PORTS ||
	       (key.kind >= KIND_CAPABILITIES && key.kind <= KIND_SCOPE);
}

/*
 * Take one word off *at, unquoting it in place as systemd does: '...' and
 * "..." group, a backslash makes the next quote, blank or backslash plain.
 * The result ends with a zero byte. Returns 1, 0 at the end, -1 when a quote
 * stays open or an escape is not one of these.
 */
int service_take_word(char **word, char **at);

/*
 * Host only. Append a word as service_take_word reads it back: quoted where it
 * is empty or holds a blank, quote or backslash.
 */
void service_print_word(struct buf *out, const char *word);

/*
 * Add the words of value, or empty the list where it is empty. exec: the
 * words instead, the first an absolute path; checked: each as kind demands
 * (KIND_ENVIRONMENT to _LANDLOCK_PORTS); commands: one command line more.
 */
int service_set_words(struct service_words *words, char *value,
		      struct err *err);
int service_set_exec(struct service_words *words, char *value, struct err *err);
int service_set_checked(struct service_words *words, char *value,
			enum service_kind kind, struct err *err);
int service_set_commands(struct service_words *words, char *value,
			 struct err *err);

/*
 * One or more words of service_choices, and a number with a sign: the first and
 * the last return what the value is not, or NULL for a good one.
 */
const char *service_set_choice(uint8_t *out, const char *value,
			       enum service_kind kind);
int service_set_bits(struct service_bits *bits, const char *value,
		     enum service_kind kind, struct err *err);
const char *service_set_level(struct service_level *level, const char *value,
			      enum service_kind kind);

/* What a value is not, in more than one place. */
#define SERVICE_NO_PATH "an absolute path"

/* The words of these bits, of cap bytes at the most. */
void service_bits_text(char *out, size_t cap, uint64_t bits,
		       enum service_kind kind);

/* Read the text of one value, which may be rewritten, into its field. */
int service_set_value(struct service *service, const struct service_key *key,
		      char *value, struct err *err);

#endif
