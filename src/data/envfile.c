#include "data/envfile.h"

#include <stdint.h>
#include <string.h>

#include "base/err.h"

/* Kinds of characters: the columns of the table. */
enum kind { KIND_LETTER = 9, KIND_DIGIT, KIND_OTHER, KINDS };

/* The first nine kinds in pairs; the last is the zero byte at the end. */
static const char marks[] = "\n\r \t#;''\"\"\\\\`$==";

/* Where the reader is: the rows of the table. */
enum state {
	ITEM, /* between assignments */
	NOTE, /* in a comment */
	NAME,
	GAP,	/* between a name and '=' */
	BEFORE, /* before a value, and behind a quoted part of it */
	BARE,
	BARE_SLASH, /* behind a backslash */
	SINGLE,
	DOUBLE,
	DOUBLE_SLASH,
	STATES,
	/* What ends the reading: */
	BAD = STATES,
	OPEN,
	ZERO,
};

static const char reasons[][16] = {
	[BAD - BAD] = "not NAME=value",
	[OPEN - BAD] = "an open quote",
	[ZERO - BAD] = "a zero byte",
};

/* What a cell says besides the next state. */
enum {
	STATE = 0x0f,
	PUT = 0x10,   /* put the character into the output, */
	SLASH = 0x20, /* after the backslash that came before it */
	KEEP = 0x40,  /* no blank so far is a trailing one */
	DONE = 0x80,  /* the assignment is complete */
};

/* The cells: next state and what to do, in three letters each. */
enum {
	ITM = ITEM,
	NOT = NOTE,
	NAM = NAME | PUT,
	EQU = BEFORE | PUT | KEEP,
	BEF = BEFORE,
	BLA = BARE | PUT,
	BAR = BARE | PUT | KEEP,
	BSL = BARE_SLASH | KEEP,
	JOB = BARE, /* the next line is joined */
	SQU = SINGLE,
	SIN = SINGLE | PUT | KEEP,
	DQU = DOUBLE,
	DOU = DOUBLE | PUT | KEEP,
	DSL = DOUBLE_SLASH,
	SLA = DOUBLE | PUT | KEEP | SLASH,
	JOD = DOUBLE,
	FIN = ITEM | DONE,
	OPN = OPEN,
};

static const uint8_t table[STATES][KINDS] = {
	/* \n   ' '  #    '    "    \    $    =   end   A    0   other */
	{ ITM, ITM, NOT, BAD, BAD, BAD, BAD, BAD, ITM, NAM, BAD, BAD },
	{ ITM, NOT, NOT, NOT, NOT, NOT, NOT, NOT, ITM, NOT, NOT, NOT },
	{ BAD, GAP, BAD, BAD, BAD, BAD, BAD, EQU, BAD, NAM, NAM, BAD },
	{ BAD, GAP, BAD, BAD, BAD, BAD, BAD, EQU, BAD, BAD, BAD, BAD },
	{ FIN, BEF, BAR, SQU, DQU, BSL, BAR, BAR, FIN, BAR, BAR, BAR },
	{ FIN, BLA, BAR, BAR, BAR, BSL, BAR, BAR, FIN, BAR, BAR, BAR },
	{ JOB, BAR, BAR, BAR, BAR, BAR, BAR, BAR, FIN, BAR, BAR, BAR },
	{ SIN, SIN, SIN, BEF, SIN, SIN, SIN, SIN, OPN, SIN, SIN, SIN },
	{ DOU, DOU, DOU, DOU, BEF, DSL, DOU, DOU, OPN, DOU, DOU, DOU },
	{ JOD, SLA, SLA, SLA, DOU, DOU, DOU, SLA, OPN, SLA, SLA, SLA },
};

static int kind_of(char c)
{
	/* Names first: they are read at every start. */
	if (c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z'))
		return KIND_LETTER;
	if (c >= '0' && c <= '9')
		return KIND_DIGIT;
	const char *mark = strchr(marks, c);

	return mark ? (int)(mark - marks) / 2 : KIND_OTHER;
}

const char *envfile_name_end(const char *text)
{
	const char *p = text;

	while (kind_of(*p) == KIND_LETTER ||
	       (p > text && kind_of(*p) == KIND_DIGIT))
		p++;
	return p;
}

int envfile_parse(size_t *out_len, char *text, size_t len, struct err *err)
{
	enum state state = ITEM;
	unsigned int line = 1;
	unsigned int start = 1; /* of the assignment */
	/* Neither overtakes the input. */
	char *out = text;
	char *kept = text;

	text[len] = '\0';
	for (char *in = text;; in++) {
		char c = *in;
		uint8_t cell = table[state][kind_of(c)];

		state = cell & STATE;
		if (cell & SLASH)
			*out++ = '\\';
		if (cell & PUT)
			*out++ = c;
		if (cell & KEEP)
			kept = out;
		if (cell & DONE) {
			out = kept;
			*out++ = '\0';
		}
		line += c == '\n';
		if (state == ITEM)
			start = line;
		if (!c && in != text + len)
			state = ZERO;
		if (state >= BAD)
			return err_set(err, 0, "line %u: %s", start,
				       reasons[state - BAD]);
		if (!c)
			break;
	}
	*out_len = (size_t)(out - text);
	return 0;
}
