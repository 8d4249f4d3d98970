#include "data/filter.h"

#include <string.h>

#include "base/err.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "the filter format is read in place");
_Static_assert(sizeof(struct filter_insn) == 8, "as the kernel lays it out");

enum { CODE_JEQ_K = 0x15 }; /* BPF_JMP | BPF_JEQ | BPF_K */

static const char magic[8] = "pithbpf";

struct header {
	char magic[8];
	uint16_t version;
	uint16_t flags;
	uint32_t audit;
	uint16_t insn_count;
	uint16_t path_len;
	uint16_t cookie[FILTER_COOKIE_WORDS];
	uint32_t zero;
	uint64_t checksum;
	uint64_t program_size;
	uint8_t ident[FILTER_IDENT_SIZE];
};
_Static_assert(sizeof(struct header) == FILTER_HEADER_SIZE, "no padding");

/* The 64-bit word that the checksum leaves out: its own. */
enum { CHECKSUM_WORD = offsetof(struct header, checksum) / 8 };

/*
 * FNV-1a over words, with a rotation so that high bits reach low ones. Each
 * step is a bijection, so one changed word always shows; four instructions a
 * word matter to a PID 1 that starts in 4,000. It tells a damaged file from a
 * whole one and is no defence against a forger, who could as well replace the
 * program.
 */
static uint64_t checksum(uint64_t sum, const uint64_t *words,
			 const uint64_t *end)
{
	/* Of which there is one at the least. */
	do {
		sum = (sum ^ *words) * 0x100000001b3;
		sum = sum << 29 | sum >> 35;
	} while (++words < end);
	return sum;
}

static uint64_t file_checksum(const void *blob, size_t len)
{
	const uint64_t *words = blob;
	uint64_t sum = checksum(0xcbf29ce484222325, words,
				words + CHECKSUM_WORD);

	return checksum(sum, words + CHECKSUM_WORD + 1,
			words + len / sizeof(*words));
}

static size_t padded(size_t path_len)
{
	return (path_len + 7) & ~(size_t)7;
}

static size_t file_size(size_t path_len, size_t insn_count)
{
	return sizeof(struct header) + padded(path_len) +
	       insn_count * sizeof(struct filter_insn);
}

static int check_header(const struct header *h, size_t len, struct err *err)
{
	if (memcmp(h->magic, magic, sizeof(magic)) != 0)
		return err_set(err, 0, "not a pith filter (bad magic)");
	if (h->version != FILTER_VERSION)
		return err_set(err, 0, "format version %u, this reads %d",
			       h->version, FILTER_VERSION);
	if (h->flags & ~FILTER_FLAGS || h->insn_count == 0 ||
	    h->insn_count > FILTER_INSNS_MAX || h->path_len > FILTER_PATH_MAX)
		return err_set(err, 0,
			       "bad header: flags 0x%x, %u instructions, path "
			       "of %u bytes",
			       h->flags, h->insn_count, h->path_len);
	size_t size = file_size(h->path_len, h->insn_count);

	if (len != size)
		return err_set(err, 0,
			       "truncated or over-long: %zu bytes of %zu", len,
			       size);
	if (h->zero || file_checksum(h, len) != h->checksum)
		return err_set(err, 0, "damaged (checksum)");
	return 0;
}

static int check_cookie(const struct filter *f, struct err *err)
{
	int words = 0;

	for (int i = 0; i < FILTER_COOKIE_WORDS; i++) {
		uint16_t at = f->cookie[i];

		if (at == FILTER_NO_WORD)
			continue;
		if (at >= f->insn_count || f->insns[at].code != CODE_JEQ_K)
			return err_set(err, 0, "a cookie without its place");
		words++;
	}
	if (!words != !(f->flags & FILTER_GATE))
		return err_set(err, 0,
			       "a gate without a cookie, or one too "
			       "many");
	return 0;
}

int filter_parse(struct filter *out, void *blob, size_t len, struct err *err)
{
	const struct header *h = blob;

	if (len < sizeof(*h))
		return err_set(err, 0, "truncated: %zu bytes", len);
	if (check_header(h, len, err) < 0)
		return -1;
	*out = (struct filter){
		.audit = h->audit,
		.flags = h->flags,
		.insn_count = h->insn_count,
		.program_size = h->program_size,
		.path = (char *)blob + sizeof(*h),
		.path_len = h->path_len,
		.insns = (void *)((char *)blob + sizeof(*h) +
				  padded(h->path_len)),
	};
	memcpy(out->cookie, h->cookie, sizeof(out->cookie));
	memcpy(out->ident, h->ident, sizeof(out->ident));
	return check_cookie(out, err);
}

size_t filter_size(const struct filter *filter)
{
	return file_size(filter->path_len, filter->insn_count);
}

void filter_write(void *blob, const struct filter *filter)
{
	size_t size = filter_size(filter);
	struct header h = {
		.version = FILTER_VERSION,
		.flags = filter->flags,
		.audit = filter->audit,
		.insn_count = filter->insn_count,
		.path_len = filter->path_len,
		.program_size = filter->program_size,
	};
	char *body = (char *)blob + sizeof(h);

	memset(blob, 0, size);
	memcpy(h.magic, magic, sizeof(magic));
	memcpy(h.cookie, filter->cookie, sizeof(h.cookie));
	memcpy(h.ident, filter->ident, sizeof(h.ident));
	memcpy(blob, &h, sizeof(h));
	if (filter->path_len)
		memcpy(body, filter->path, filter->path_len);
	memcpy(body + padded(filter->path_len), filter->insns,
	       filter->insn_count * sizeof(struct filter_insn));
	h.checksum = file_checksum(blob, size);
	memcpy(blob, &h, sizeof(h));
}
