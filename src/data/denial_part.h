#ifndef DATA_DENIAL_PART_H
#define DATA_DENIAL_PART_H

/* denial_part: what the files of denial.c share. */
#include "data/denial.h"

/*
 * What engines put in front of a line is cut off. False for a piece of a line
 * that was split.
 */
bool denial_cut_prefix(struct denial_reader *reader, struct slice *line);

/* Note that a stream's line goes on, or ended; false for what is but a piece. */
bool denial_is_whole(struct denial_reader *reader, bool is_stderr,
		     bool is_unfinished);

/* "type=SECCOMP ...", "audit: type=1326 ...", "SECCOMP ...". */
bool denial_read_audit(struct denial *out, struct slice line);

/* What pith-init says, without its name before it. */
bool denial_read_text(struct denial *out, struct slice text);

/* An object: pith-init's own, or one line of a log as a member. */
bool denial_read_json(struct denial *out, struct denial_reader *reader,
		      struct slice line, int depth);

/* A line whose prefix is off; depth bounds objects within objects. */
bool denial_read_line(struct denial *out, struct denial_reader *reader,
		      struct slice line, int depth);

/* The name of a call. False for what none can have. */
bool denial_set_call(struct denial *out, struct slice name);

/* Copy what fits; unprintable bytes become '?'. */
void denial_set_word(char word[DENIAL_WORD_SIZE], struct slice text);

/* Cut the text off the front of *rest, or return false. */
bool denial_skip(struct slice *rest, const char *text);

#endif
