#ifndef TOOL_DERIVATION_H
#define TOOL_DERIVATION_H

/*
 * derivation: a program with its libraries, analysed; and
 * where in its files an address is.
 */
#include "image/libraries.h"
#include "seccomp/derive.h"
#include "tool/choices.h"

struct derivation {
	struct libraries libraries;
	struct choices choices; /* what is opened at run time */
	struct program_file *files;
	struct derive derive; /* derivation_analyse() has filled it */
	bool is_complete;     /* the user: it opens no further library */
};

/* Libraries open libraries, which open others: real programs end at three. */
enum { DERIVATION_WITH_MAX = 64, DERIVATION_ROUNDS = 8 };

/* What the user asked for. */
struct derivation_request {
	const char *image;	 /* an archive, or NULL: this machine's files */
	const struct arch *arch; /* of several images, or NULL */
	const char *program;	 /* of an image may be NULL: what it starts */
	const char *root;	 /* where libraries are; NULL: this machine's */
	const char *with[DERIVATION_WITH_MAX];
	size_t with_count;
	bool is_complete;
};

/* Find the files. libraries_close() is owed. */
int derivation_find(struct libraries *out,
		    const struct derivation_request *request, struct err *err);

/*
 * Analyse them, and what they open, until there is nothing new. They are taken
 * over, also by a failure.
 */
int derivation_run(struct derivation *out, struct libraries *libraries,
		   bool is_complete, struct err *err);

/*
 * The same by single steps, for who remembers what came of them: take the
 * files; analyse; add what that asked for, and hear whether it is news, after
 * which only a further analysis tells all. After a failure everything is gone.
 */
void derivation_begin(struct derivation *out, struct libraries *libraries,
		      bool is_complete);
int derivation_analyse(struct derivation *derivation, struct err *err);
int derivation_answer(bool *is_news, struct derivation *derivation,
		      struct err *err);
/* There were too many steps. */
void derivation_give_up(struct derivation *derivation);

/* Find and analyse. */
int derivation_open(struct derivation *out,
		    const struct derivation_request *request, struct err *err);
void derivation_close(struct derivation *derivation);

/* Whether what stays open matters, given what the user vouched for. */
bool derivation_is_open(const struct derivation *derivation,
			const struct derive_open *open);
size_t derivation_open_count(const struct derivation *derivation);

/* An address for people. */
struct derivation_place {
	const char *file;
	struct slice function; /* empty: not known */
	uint64_t offset;       /* from the function, or from what there is */
	uint64_t address;      /* in the file's own numbers */
};

struct derivation_place derivation_place(const struct derivation *derivation,
					 uint64_t address);

/*
 * Names in files are anybody's bytes: put a question mark for each that is a
 * control character or no UTF-8.
 */
void derivation_clean(char *text);

/* "libc.so.6 write+0x10 (0xf7a30)" */
void derivation_print_place(struct buf *out,
			    const struct derivation *derivation,
			    uint64_t address);

#endif
