#include "image/look.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/elf.h"
#include "data/tar.h"

enum {
	HEAD_MAX = 64,
	OVERLAP = 256, /* the longest match, and what is kept of a window */
	WINDOW = 64 * 1024,
	NOTES_MAX = 8 * 1024,
	MARKS_MAX = 16,
};

/* Larger programs exist, but none that anybody would put into an image. */
static const uint64_t elf_max = (uint64_t)1 << 32;

struct look {
	uint64_t size; /* of the file, as its header says */
	bool is_elf;
	char head[HEAD_MAX];
	size_t head_len;
	char before; /* the byte before the window */
	char window[OVERLAP + WINDOW];
	size_t filled;
	int scratch; /* a copy of the ELF file */
	struct buf found;
	/* What marks[i] found first; empty: nothing yet. */
	char matches[MARKS_MAX][OVERLAP + 1];
};

struct look *look_new(void)
{
	struct look *look = mem_new(1, sizeof(*look));

	look->scratch = -1;
	return look;
}

void look_free(struct look *look)
{
	if (!look)
		return;
	scope_close(&look->scratch);
	buf_free(&look->found);
	free(look);
}

static void note(struct look *look, const char *key, struct slice value)
{
	if (look->found.len + value.len > NOTES_MAX)
		return;
	buf_text(&look->found, key);
	buf_text(&look->found, " ");
	for (size_t i = 0; i < value.len && value.at[i]; i++)
		buf_add(&look->found, value.at[i] == '\n' ? "?" : value.at + i,
			1);
	buf_text(&look->found, "\n");
}

/* Letters, digits and what else names of directories have. */
static size_t name_length(const char *at, const char *end)
{
	const char *p = at;

	while (p < end &&
	       (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		       "0123456789._-+",
		       *p) &&
		*p))
		p++;
	return (size_t)(p - at);
}

/* The whole path at at, where it has depth names more than the mark. */
static size_t path_length(const char *at, size_t mark, const char *end,
			  int depth)
{
	const char *p = at + mark;

	for (;;) {
		size_t len = name_length(p, end);

		if (!len)
			break;
		p += len;
		depth--;
		if (p == end || *p != '/')
			break;
		p++;
	}
	return depth > 0 ? 0 : (size_t)(p - at);
}

/* "PRIVATE KEY-----", with its kind before it and a line's end behind. */
static size_t key_length(const char *at, size_t mark, const char *end)
{
	static const char tail[] = "PRIVATE KEY-----";
	const char *p = at + mark;

	for (; (size_t)(end - p) > sizeof(tail); p++) {
		if (memcmp(p, tail, sizeof(tail) - 1) == 0) {
			p += sizeof(tail) - 1;
			return *p == '\n' || *p == '\r' ? (size_t)(p - at) : 0;
		}
		if ((*p < 'A' || *p > 'Z') && *p != ' ')
			break;
	}
	return 0;
}

/*
 * What is searched for. depth is how many names must follow: that a program
 * knows of /home is its business, /home/joe/src/x.c is somebody's.
 */
static const struct mark {
	const char *key;
	const char *text;
	bool in_elf; /* else in what is no ELF file */
	int depth;
	bool is_package; /* the first name must be as a package's is */
} marks[] = {
	{ "key", "-----BEGIN ", false, 0, false },
	{ "ca", "/etc/ssl/certs", true, 0, false },
	{ "ca", "/etc/pki/tls/", true, 0, false },
	{ "tz", "/usr/share/zoneinfo", true, 0, false },
	{ "build", "/home/", true, 3, false },
	{ "build", "/Users/", true, 3, false },
	{ "build", "/root/", true, 3, false },
	{ "build", "/build/", true, 2, true },
	{ "build", "/builds/", true, 3, false },
	{ "build", "/github/workspace/", true, 1, false },
	{ "build", "/runner/_work/", true, 1, false },
	{ "build", "/workspace/", true, 2, false },
};

enum { MARKS = sizeof(marks) / sizeof(marks[0]) };
_Static_assert((int)MARKS <= (int)MARKS_MAX, "room for each");

/*
 * NAME-VERSION or NAME-RANDOM, where packages are built; Debian's own
 * reproducible-path is the same for everybody.
 */
static bool is_package(const char *at, const char *end)
{
	size_t len = name_length(at, end);

	return memchr(at, '-', len) &&
	       strncmp(at, "reproducible-path", len) != 0;
}

/* How long the match at at is, OVERLAP at the most, or 0. */
static size_t match(const struct look *look, const struct mark *mark,
		    const char *at, const char *end)
{
	const char *before = at > look->window ? at - 1 : &look->before;
	size_t len = strlen(mark->text);

	if ((size_t)(end - at) > OVERLAP)
		end = at + OVERLAP;
	if (strcmp(mark->key, "key") == 0)
		return key_length(at, len, end);
	/* In the middle of another path it means something else. */
	if (name_length(before, before + 1) ||
	    (mark->is_package && !is_package(at + len, end)))
		return 0;
	return path_length(at, len, end, mark->depth);
}

/* Search for a mark among the matches that begin in the first len bytes. */
static void search(struct look *look, size_t i, size_t len)
{
	const struct mark *mark = &marks[i];
	const char *end = look->window + look->filled;
	const char *at = look->window;
	size_t text = strlen(mark->text);

	while ((at = memmem(at, (size_t)(end - at), mark->text, text)) &&
	       at < look->window + len) {
		size_t found = match(look, mark, at, end);

		if (found) {
			memcpy(look->matches[i], at, found);
			look->matches[i][found] = '\0';
			return;
		}
		at++;
	}
}

/* Search the window; what may begin a match that goes on is kept. */
static void search_window(struct look *look, bool is_last)
{
	size_t keep = is_last || look->filled < OVERLAP ? 0 : OVERLAP;
	size_t len = look->filled - keep;

	if (!is_last && look->filled < OVERLAP)
		return;
	for (size_t i = 0; i < MARKS; i++)
		if (marks[i].in_elf == look->is_elf && !look->matches[i][0])
			search(look, i, len);
	if (len)
		look->before = look->window[len - 1];
	memmove(look->window, look->window + len, keep);
	look->filled = keep;
}

int look_entry(void *of, const struct tar_entry *entry, size_t layer,
	       struct err *err)
{
	struct look *look = of;

	(void)layer;
	(void)err;
	look->size = entry->size;
	look->head_len = look->filled = look->found.len = 0;
	for (size_t i = 0; i < MARKS; i++)
		look->matches[i][0] = '\0';
	look->before = '\0';
	look->is_elf = false;
	return 0;
}

static int start_elf(struct look *look, struct err *err)
{
	look->is_elf = true;
	if (look->scratch < 0 && (look->scratch = io_scratch(err)) < 0)
		return -1;
	if (ftruncate(look->scratch, 0) < 0 ||
	    lseek(look->scratch, 0, SEEK_SET) < 0)
		return err_set(err, errno, "a scratch file");
	return 0;
}

int look_data(void *of, struct slice bytes, struct err *err)
{
	struct look *look = of;
	size_t head = HEAD_MAX - look->head_len;

	if (!look->head_len && elf_is_magic(bytes) && look->size <= elf_max &&
	    start_elf(look, err) < 0)
		return -1;
	if (look->is_elf && io_write(look->scratch, bytes.at, bytes.len) < 0)
		return err_set(err, errno, "write a scratch file");
	if (head > bytes.len)
		head = bytes.len;
	memcpy(look->head + look->head_len, bytes.at, head);
	look->head_len += head;
	while (bytes.len) {
		size_t n = sizeof(look->window) - look->filled;

		if (n > bytes.len)
			n = bytes.len;
		memcpy(look->window + look->filled, bytes.at, n);
		look->filled += n;
		bytes.at += n;
		bytes.len -= n;
		search_window(look, false);
	}
	return 0;
}

static void note_elf(struct look *look, const struct elf *elf)
{
	const struct arch *arch = arch_by_elf(elf->machine, elf->bits);
	struct buf text = { 0 };

	/* A library is linked to others, but starts nothing itself. */
	buf_fmt(&text, "%s %s", arch ? arch->oci : "?",
		elf_is_static(elf) ? "static" : "dynamic");
	note(look, "elf", buf_slice(&text));
	buf_free(&text);
	if (elf->interpreter.len)
		note(look, "interpreter", elf->interpreter);
	for (size_t i = 0; i < elf->needed_count; i++)
		note(look, "needed", elf->needed[i]);
}

/* Mapped, so that a large program costs only the pages that are looked at. */
static int read_elf(struct look *look, struct err *err)
{
	size_t size = (size_t)look->size;
	void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, look->scratch, 0);
	struct err why;
	struct elf elf;

	if (map == MAP_FAILED)
		return err_set(err, errno, "map a scratch file");
	if (elf_parse(&elf, (struct slice){ map, size }, &why) < 0)
		note(look, "broken", slice_from(why.text));
	else
		note_elf(look, &elf);
	munmap(map, size);
	return 0;
}

static void note_head(struct look *look)
{
	struct slice rest = { look->head, look->head_len };
	struct slice line, word;
	struct buf hex = { 0 };

	for (size_t i = 0; i < look->head_len; i++)
		buf_fmt(&hex, "%x%x", (unsigned char)look->head[i] >> 4,
			(unsigned char)look->head[i] & 15U);
	note(look, "head", buf_slice(&hex));
	buf_free(&hex);
	if (!slice_has_prefix(rest, "#!") || !slice_cut(&line, &rest, '\n'))
		return;
	line.at += 2;
	line.len -= 2;
	if (slice_word(&word, &line))
		note(look, "script", word);
}

int look_end(void *of, struct buf *notes, struct err *err)
{
	struct look *look = of;

	search_window(look, true);
	for (size_t i = 0; i < MARKS; i++)
		if (look->matches[i][0])
			note(look, marks[i].key, slice_from(look->matches[i]));
	if (look->head_len)
		note_head(look);
	if (look->is_elf && read_elf(look, err) < 0)
		return -1;
	buf_add(notes, buf_slice(&look->found).at, look->found.len);
	return 0;
}

bool look_note(struct slice *value, const char *notes, const char *key,
	       size_t i)
{
	struct slice rest = slice_from(notes);
	struct slice line, word;

	while (slice_cut(&line, &rest, '\n'))
		if (slice_cut(&word, &line, ' ') && slice_eq(word, key) &&
		    i-- == 0) {
			*value = line;
			return true;
		}
	return false;
}
