#include "data/elf.h"

#include <elf.h>

#include "base/err.h"

/*
 * Limits that keep the work linear in the file's size, whatever it says. The
 * first is the kernel's own (load_elf_phdrs).
 */
enum {
	SEGMENT_TABLE_MAX = 64 * 1024,
	NAME_LEN_MAX = 4096,
	NOTES_MAX = 256 * 1024,
};

/*
 * The layouts of both classes as offsets, so that one reader serves both and
 * no untrusted byte is ever reached through a cast.
 */
struct layout {
	uint8_t header_size; /* of the file's header */
	uint8_t entry, phoff, phentsize, phnum;
	uint8_t phdr_size;
	uint8_t p_offset, p_vaddr, p_filesz, p_align;
	uint8_t word; /* bytes of an address */
};

static const struct layout layouts[] = {
	[ELFCLASS32] = { 52, 24, 28, 42, 44, 32, 4, 8, 16, 28, 4 },
	[ELFCLASS64] = { 64, 24, 32, 54, 56, 56, 8, 16, 32, 48, 8 },
};

struct file {
	struct slice bytes;
	const struct layout *layout;
	uint64_t phoff;
	uint64_t phentsize;
	uint64_t phnum;
};

struct segment {
	uint32_t type;
	uint64_t offset, vaddr, size, align;
};

/* The little-endian number of width bytes at offset at, which must exist. */
static uint64_t number(struct slice bytes, uint64_t at, size_t width)
{
	const unsigned char *p = (const unsigned char *)bytes.at + at;
	uint64_t value = 0;

	while (width--)
		value = value << 8 | p[width];
	return value;
}

/* True when [at, at + len) lies within the bytes. */
static bool holds(struct slice bytes, uint64_t at, uint64_t len)
{
	uint64_t end;

	return !__builtin_add_overflow(at, len, &end) && end <= bytes.len;
}

bool elf_is_magic(struct slice bytes)
{
	return bytes.len >= SELFMAG && memcmp(bytes.at, ELFMAG, SELFMAG) == 0;
}

static int read_header(struct elf *out, struct file *file, struct err *err)
{
	struct slice bytes = file->bytes;

	if (!elf_is_magic(bytes) || bytes.len < EI_NIDENT)
		return err_set(err, 0, "not an ELF file");
	out->bits = (uint8_t)bytes.at[EI_CLASS];
	if (out->bits != ELFCLASS32 && out->bits != ELFCLASS64)
		return err_set(err, 0, "ELF class %u is not known", out->bits);
	if (bytes.at[EI_DATA] != ELFDATA2LSB)
		return err_set(err, 0, "a big-endian ELF file");
	const struct layout *layout = &layouts[out->bits];

	if (bytes.len < layout->header_size)
		return err_set(err, 0, "truncated ELF header");
	out->type = (uint16_t)number(bytes, 16, 2);
	out->machine = (uint16_t)number(bytes, 18, 2);
	out->entry = number(bytes, layout->entry, layout->word);
	file->layout = layout;
	file->phoff = number(bytes, layout->phoff, layout->word);
	file->phentsize = number(bytes, layout->phentsize, 2);
	file->phnum = number(bytes, layout->phnum, 2);
	return 0;
}

/* Where the segment table is has been checked once: see check_segments. */
static struct segment segment_at(const struct file *file, uint64_t i)
{
	const struct layout *l = file->layout;
	uint64_t at = file->phoff + i * file->phentsize;

	return (struct segment){
		.type = (uint32_t)number(file->bytes, at, 4),
		.offset = number(file->bytes, at + l->p_offset, l->word),
		.vaddr = number(file->bytes, at + l->p_vaddr, l->word),
		.size = number(file->bytes, at + l->p_filesz, l->word),
		.align = number(file->bytes, at + l->p_align, l->word),
	};
}

static int check_segments(const struct file *file, struct err *err)
{
	if (!file->phnum)
		return 0;
	if (file->phentsize * file->phnum > SEGMENT_TABLE_MAX)
		return err_set(err, 0, "too many ELF segments");
	if (file->phentsize < file->layout->phdr_size ||
	    !holds(file->bytes, file->phoff, file->phentsize * file->phnum))
		return err_set(err, 0, "truncated ELF file (segment table)");
	for (uint64_t i = 0; i < file->phnum; i++) {
		struct segment s = segment_at(file, i);

		if (s.type != PT_NULL && !holds(file->bytes, s.offset, s.size))
			return err_set(err, 0,
				       "truncated ELF file (segment "
				       "%llu ends past it)",
				       (unsigned long long)i);
	}
	return 0;
}

static struct slice segment_bytes(const struct file *file,
				  const struct segment *s)
{
	return (struct slice){ file->bytes.at + s->offset, (size_t)s->size };
}

/* The bytes from a virtual address to the end of its segment; else empty. */
static struct slice at_address(const struct file *file, uint64_t address)
{
	for (uint64_t i = 0; i < file->phnum; i++) {
		struct segment s = segment_at(file, i);

		if (s.type != PT_LOAD || address < s.vaddr ||
		    address - s.vaddr >= s.size)
			continue;
		struct slice bytes = segment_bytes(file, &s);
		uint64_t skip = address - s.vaddr;

		return (struct slice){ bytes.at + skip, bytes.len - skip };
	}
	return (struct slice){ "", 0 };
}

/* The text at an offset of the string table, up to its zero byte. */
static int string_at(struct slice *out, struct slice strings, uint64_t at,
		     struct err *err)
{
	if (at >= strings.len)
		return err_set(err, 0, "a name outside the ELF string table");
	size_t max = strings.len - at;
	size_t len = strnlen(strings.at + at,
			     max < NAME_LEN_MAX ? max : NAME_LEN_MAX);

	if (len == max || len == NAME_LEN_MAX)
		return err_set(err, 0, "an endless name in the ELF file");
	*out = (struct slice){ strings.at + at, len };
	return 0;
}

static int set_dynamic(struct elf *out, struct slice strings, uint64_t tag,
		       uint64_t value, struct err *err)
{
	switch (tag) {
	case DT_NEEDED:
		if (out->needed_count == ELF_NEEDED_MAX)
			return err_set(err, 0, "more than %d needed libraries",
				       ELF_NEEDED_MAX);
		return string_at(&out->needed[out->needed_count++], strings,
				 value, err);
	case DT_SONAME:
		return string_at(&out->soname, strings, value, err);
	case DT_RUNPATH:
		return string_at(&out->runpath, strings, value, err);
	case DT_RPATH:
		return string_at(&out->rpath, strings, value, err);
	case DT_FLAGS_1:
		out->no_default_dirs = value & DF_1_NODEFLIB;
		return 0;
	default:
		return 0;
	}
}

/* The value of the first entry with that tag, or 0. */
static uint64_t find_dynamic(struct slice table, size_t word, uint64_t tag)
{
	for (uint64_t at = 0; holds(table, at, 2 * word); at += 2 * word) {
		uint64_t got = number(table, at, word);

		if (got == tag)
			return number(table, at + word, word);
		if (got == DT_NULL)
			break;
	}
	return 0;
}

static int read_dynamic(struct elf *out, const struct file *file,
			struct slice table, struct err *err)
{
	size_t word = file->layout->word;
	uint64_t address = find_dynamic(table, word, DT_STRTAB);
	uint64_t size = find_dynamic(table, word, DT_STRSZ);
	struct slice strings = at_address(file, address);

	if (size < strings.len)
		strings.len = size;
	out->is_dynamic = true;
	for (uint64_t at = 0; holds(table, at, 2 * word); at += 2 * word) {
		uint64_t tag = number(table, at, word);

		if (tag == DT_NULL)
			break;
		if (set_dynamic(out, strings, tag,
				number(table, at + word, word), err) < 0)
			return -1;
	}
	/* The loader ignores one where there is the other. */
	if (find_dynamic(table, word, DT_RUNPATH))
		out->rpath = (struct slice){ "", 0 };
	return 0;
}

/* A note is its three sizes, then name and data, each padded to align. */
static void read_notes(struct elf *out, struct slice notes, uint64_t align)
{
	align = align == 8 ? 8 : 4;
	if (notes.len > NOTES_MAX)
		notes.len = NOTES_MAX;
	while (holds(notes, 0, 12)) {
		uint64_t name = number(notes, 0, 4);
		uint64_t data = number(notes, 4, 4);
		uint64_t begin = (12 + name + align - 1) & -align;
		uint64_t next = (begin + data + align - 1) & -align;

		if (!holds(notes, begin, data))
			return;
		if (number(notes, 8, 4) == NT_GNU_BUILD_ID && name == 4 &&
		    memcmp(notes.at + 12, "GNU", 4) == 0) {
			out->build_id = (struct slice){ notes.at + begin,
							(size_t)data };
			return;
		}
		if (next >= notes.len)
			return;
		notes.at += next;
		notes.len -= next;
	}
}

static int read_interpreter(struct elf *out, struct slice bytes,
			    struct err *err)
{
	out->interpreter = (struct slice){ bytes.at,
					   strnlen(bytes.at, bytes.len) };
	if (!out->interpreter.len || out->interpreter.len == bytes.len)
		return err_set(err, 0,
			       "a broken interpreter name in the ELF "
			       "file");
	return 0;
}

int elf_parse(struct elf *out, struct slice bytes, struct err *err)
{
	struct file file = { .bytes = bytes };

	*out = (struct elf){ 0 };
	if (read_header(out, &file, err) < 0 || check_segments(&file, err) < 0)
		return -1;
	for (uint64_t i = 0; i < file.phnum; i++) {
		struct segment s = segment_at(&file, i);
		int result = 0;

		if (s.type == PT_INTERP)
			result = read_interpreter(out, segment_bytes(&file, &s),
						  err);
		else if (s.type == PT_DYNAMIC && !out->is_dynamic)
			result = read_dynamic(out, &file,
					      segment_bytes(&file, &s), err);
		else if (s.type == PT_NOTE && !out->build_id.len)
			read_notes(out, segment_bytes(&file, &s), s.align);
		if (result < 0)
			return -1;
	}
	return 0;
}

bool elf_is_static(const struct elf *elf)
{
	return !elf->interpreter.len && !elf->needed_count;
}
