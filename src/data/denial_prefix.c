#include "data/denial_part.h"

/*
 * In this order, each of them or not:
 *
 *	[pod/NAME/CONTAINER]		kubectl logs --prefix
 *	NAME |				docker compose logs
 *	[  12.345678]			dmesg
 *	2026-11-21T06:37:00.123456789Z	docker, podman, kubectl --timestamps;
 *					with an offset or a comma: journalctl
 *	Nov 21 06:37:00			journalctl, syslog
 *	stderr F			the CRI's files
 *	HOST IDENT[PID]:		journalctl, syslog
 */

bool denial_is_whole(struct denial_reader *reader, bool is_stderr,
		     bool is_unfinished)
{
	bool was_unfinished = reader->is_partial[is_stderr];

	reader->is_partial[is_stderr] = is_unfinished;
	return !was_unfinished && !is_unfinished;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether text is of the form: 0 stands for a digit, all else for itself. */
static bool has_form(struct slice text, const char *form)
{
	size_t len = strlen(form);

	if (text.len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (form[i] == '0' ? !is_digit(text.at[i])
				   : text.at[i] != form[i])
			return false;
	return true;
}

/* A word that begins in the form, and the one blank behind it. */
static bool skip_word(struct slice *rest, const char *form)
{
	struct slice word, behind = *rest;

	if (!has_form(*rest, form) || !slice_cut(&word, &behind, ' '))
		return false;
	*rest = behind;
	return true;
}

static void skip_bracket(struct slice *rest)
{
	struct slice inside, behind = *rest;

	if (rest->len && rest->at[0] == '[' &&
	    slice_cut(&inside, &behind, ']') && denial_skip(&behind, " "))
		*rest = behind;
}

static void skip_compose(struct slice *rest)
{
	struct slice name, behind = *rest;

	if (!slice_word(&name, &behind))
		return;
	behind = slice_trim(behind);
	if (denial_skip(&behind, "| "))
		*rest = behind;
}

/* "Nov 21 06:37:00 ", a day below ten with a blank in front. */
static bool skip_syslog_time(struct slice *rest)
{
	struct slice behind = *rest;

	if (rest->len < 16 || rest->at[0] < 'A' || rest->at[0] > 'Z' ||
	    rest->at[3] != ' ' ||
	    !(is_digit(rest->at[4]) || rest->at[4] == ' '))
		return false;
	behind.at += 5;
	behind.len -= 5;
	if (!has_form(behind, "0 00:00:00 "))
		return false;
	rest->at += 16;
	rest->len -= 16;
	return true;
}

/* "HOST IDENT[PID]: " or "HOST IDENT: ". */
static void skip_origin(struct slice *rest)
{
	struct slice host, ident, behind = *rest;

	if (slice_has_prefix(*rest, "pith-init: ") ||
	    !slice_cut(&host, &behind, ' ') || !host.len ||
	    !slice_cut(&ident, &behind, ' ') || ident.len < 2 ||
	    ident.at[ident.len - 1] != ':')
		return;
	/* "host pith-init: denied": there the name is the origin's, too. */
	if (slice_eq(ident, "pith-init:") &&
	    !slice_has_prefix(behind, "pith-init: ") &&
	    !slice_has_prefix(behind, "{"))
		behind = (struct slice){
			ident.at, (size_t)(behind.at + behind.len - ident.at)
		};
	*rest = behind;
}

bool denial_cut_prefix(struct denial_reader *reader, struct slice *line)
{
	skip_bracket(line);
	skip_compose(line);
	skip_bracket(line);
	if (skip_word(line, "0000-00-00T00:00:00")) {
		bool is_stderr = slice_has_prefix(*line, "stderr ");

		if (denial_skip(line, "stdout P ") ||
		    denial_skip(line, "stderr P "))
			return denial_is_whole(reader, is_stderr, true);
		if (denial_skip(line, "stdout F ") ||
		    denial_skip(line, "stderr F "))
			return denial_is_whole(reader, is_stderr, false);
		skip_origin(line);
	} else if (skip_syslog_time(line)) {
		skip_origin(line);
	}
	return true;
}
