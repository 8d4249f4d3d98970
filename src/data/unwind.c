#include "data/unwind.h"

#include "data/bytes.h"

/* How a pointer is stored (DW_EH_PE_*). */
enum {
	PE_FORMAT = 0x0f,
	PE_PCREL = 0x10,
	PE_DATAREL = 0x30,
	PE_RELATION = 0x70,
	PE_INDIRECT = 0x80,
	PE_OMIT = 0xff,
	PE_ULEB = 0x01,
	PE_TABLE = 0x3b, /* what every linker writes into the header */
	RANGES_MAX = 1 << 22,
};

/* Reads on through mapped bytes; ok turns false at their end. */
struct cursor {
	const struct elf_view *view;
	struct slice bytes; /* what is left */
	uint64_t address;   /* of its first byte */
	bool ok;
};

static struct cursor cursor_at(const struct elf_view *view, uint64_t address)
{
	return (struct cursor){ view, elf_view_at(view, address), address,
				true };
}

static void skip(struct cursor *in, uint64_t len)
{
	if (len > in->bytes.len) {
		in->ok = false;
		len = in->bytes.len;
	}
	in->bytes = bytes_from(in->bytes, len);
	in->address += len;
}

static uint64_t number(struct cursor *in, unsigned width)
{
	uint64_t value = bytes_number(in->bytes, 0, width);

	skip(in, width);
	return value;
}

static uint64_t uleb(struct cursor *in)
{
	uint64_t value = 0;

	for (unsigned shift = 0; in->ok; shift += 7) {
		uint8_t byte = (uint8_t)number(in, 1);

		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			break;
	}
	return value;
}

static uint64_t formatted(struct cursor *in, uint8_t encoding)
{
	static const struct {
		uint8_t width, is_signed;
	} formats[16] = {
		[0x0] = { 8, 0 }, [0x2] = { 2, 0 }, [0x3] = { 4, 0 },
		[0x4] = { 8, 0 }, [0xa] = { 2, 1 }, [0xb] = { 4, 1 },
		[0xc] = { 8, 1 },
	};
	unsigned width = formats[encoding & PE_FORMAT].width;

	if ((encoding & PE_FORMAT) == PE_ULEB)
		return uleb(in);
	if (!width) {
		in->ok = false;
		return 0;
	}
	uint64_t value = number(in, width);
	unsigned unused = 64 - 8 * width;

	if (!formats[encoding & PE_FORMAT].is_signed)
		return value;
	return (uint64_t)((int64_t)(value << unused) >> unused);
}

/* A pointer, 0 staying 0: that is how "none" is written. */
static uint64_t pointer(struct cursor *in, uint8_t encoding)
{
	uint64_t origin = in->address;
	uint64_t value;

	if (encoding == PE_OMIT)
		return 0;
	value = formatted(in, encoding);
	switch (encoding & PE_RELATION) {
	case 0:
		break;
	case PE_PCREL:
		value = value ? value + origin : 0;
		break;
	case PE_DATAREL:
		value += in->view->unwind_header;
		break;
	default:
		in->ok = false;
	}
	if (encoding & PE_INDIRECT)
		in->ok = false;
	return value;
}

/* What a record's common part (CIE) says of its kind. */
struct common {
	bool is_augmented;
	uint8_t pointer_encoding, lsda_encoding;
};

static void read_augmentation(struct common *out, struct cursor *in,
			      struct slice text)
{
	for (size_t i = 1; i < text.len; i++) {
		switch (text.at[i]) {
		case 'L':
			out->lsda_encoding = (uint8_t)number(in, 1);
			break;
		case 'R':
			out->pointer_encoding = (uint8_t)number(in, 1);
			break;
		case 'P': {
			uint8_t encoding = (uint8_t)number(in, 1);

			/* The personality: only its width matters. */
			formatted(in, encoding);
			break;
		}
		default: /* 'S', 'B': no data */
			break;
		}
	}
}

static bool read_common(struct common *out, const struct elf_view *view,
			uint64_t address)
{
	struct cursor in = cursor_at(view, address);
	uint8_t version;

	*out = (struct common){ .lsda_encoding = PE_OMIT };
	number(&in, 4);
	if (number(&in, 4) != 0)
		return false;
	version = (uint8_t)number(&in, 1);
	struct slice text = bytes_text(in.bytes, 0);

	skip(&in, text.len + 1);
	uleb(&in);
	uleb(&in);
	if (version == 1)
		number(&in, 1);
	else
		uleb(&in);
	if (text.len && text.at[0] == 'z') {
		out->is_augmented = true;
		uleb(&in);
		read_augmentation(out, &in, text);
	}
	return in.ok;
}

/*
 * The record at an address. *next is behind it, 0 at the end of all records.
 * False for a common part, and for what is not understood.
 */
static bool read_record(struct unwind_range *out, uint64_t *next,
			const struct elf_view *view, uint64_t address)
{
	struct cursor in = cursor_at(view, address);
	struct common common;
	uint64_t len = number(&in, 4);
	uint64_t origin = in.address;

	*next = len && in.ok && len < UINT32_MAX ? origin + len : 0;
	if (!*next)
		return false;
	uint64_t distance = number(&in, 4);

	if (!distance || !read_common(&common, view, origin - distance))
		return false;
	*out = (struct unwind_range){ 0 };
	out->code.begin = pointer(&in, common.pointer_encoding);
	out->code.end = out->code.begin +
			formatted(&in, common.pointer_encoding & PE_FORMAT);
	if (common.is_augmented) {
		uleb(&in);
		out->lsda = pointer(&in, common.lsda_encoding);
	}
	return in.ok && out->code.end > out->code.begin;
}

static bool each_in_table(const struct elf_view *view, struct cursor *in,
			  uint64_t count,
			  void (*visit)(void *, const struct unwind_range *),
			  void *context)
{
	if (count > RANGES_MAX || count > in->bytes.len / 8)
		return false;
	for (; count; count--) {
		struct unwind_range range;
		uint64_t next;

		pointer(in, PE_TABLE);
		if (!read_record(&range, &next, view, pointer(in, PE_TABLE)))
			return false;
		visit(context, &range);
	}
	return true;
}

/* Record by record up to end; a zero length ends them, or one input's. */
static bool each_in_order(const struct elf_view *view, struct elf_range records,
			  void (*visit)(void *, const struct unwind_range *),
			  void *context)
{
	struct unwind_range range;
	uint64_t next;

	for (uint64_t at = records.begin; at < records.end; at = next) {
		if (read_record(&range, &next, view, at))
			visit(context, &range);
		struct slice left = elf_view_at(view, at);

		if (!next && (left.len < 4 || bytes_number(left, 0, 4)))
			return false;
		next = next ? next : at + 4;
	}
	return true;
}

bool unwind_each(const struct elf_view *view,
		 void (*visit)(void *context, const struct unwind_range *range),
		 void *context)
{
	struct cursor in = cursor_at(view, view->unwind_header);

	if (!view->unwind_header)
		return each_in_order(view, view->unwind, visit, context);
	if (number(&in, 1) != 1)
		return false;
	uint8_t frame_encoding = (uint8_t)number(&in, 1);
	uint8_t count_encoding = (uint8_t)number(&in, 1);
	uint8_t table_encoding = (uint8_t)number(&in, 1);
	uint64_t frame = pointer(&in, frame_encoding);

	if (table_encoding != PE_TABLE)
		return each_in_order(
			view,
			(struct elf_range){
				frame, frame + elf_view_at(view, frame).len },
			visit, context);
	uint64_t count = pointer(&in, count_encoding);

	return in.ok && each_in_table(view, &in, count, visit, context);
}

bool unwind_landings(const struct elf_view *view,
		     const struct unwind_range *range,
		     void (*visit)(void *context, uint64_t address),
		     void *context)
{
	struct cursor in = cursor_at(view, range->lsda);
	uint64_t base = range->code.begin;
	uint8_t encoding = (uint8_t)number(&in, 1);

	if (encoding != PE_OMIT)
		base = pointer(&in, encoding);
	if ((uint8_t)number(&in, 1) != PE_OMIT)
		uleb(&in);
	encoding = (uint8_t)number(&in, 1);
	uint64_t len = uleb(&in);

	for (uint64_t end = in.address + len; in.ok && in.address < end;) {
		formatted(&in, encoding);
		formatted(&in, encoding);
		uint64_t landing = formatted(&in, encoding);

		uleb(&in);
		if (landing && in.ok)
			visit(context, base + landing);
	}
	return in.ok;
}
