#ifndef SECCOMP_MODULE_H
#define SECCOMP_MODULE_H

/*
 * module: one ELF file of a program as its analysis sees it: where its
 * functions are, what its relocations put where, and a mark for each byte of
 * code. Modules lie 2^40 bytes apart, so an address says which one it is in.
 */
#include "base/list.h"
#include "data/elf_symbol.h"
#include "data/pclntab.h"
#include "seccomp/decode.h"

struct err;

enum { MODULE_SHIFT = 40, MODULE_MAX = 4096 };

enum module_mark {
	MARK_INSN = 1,	  /* an instruction that may run begins here */
	MARK_QUEUED = 2,  /* reached: in the work list, or done */
	MARK_JOIN = 4,	  /* an edge leads here */
	MARK_UNKNOWN = 8, /* control may come from anywhere */
	MARK_TAKEN = 16,  /* reachable code holds its address */
	MARK_BEGIN = 32,  /* a function: it is called */
	MARK_INSIDE = 64, /* an instruction that may run goes on here */
};

/* Code from an address to the end of its segment. */
struct code {
	uint8_t *marks;
	const uint8_t *bytes;
	size_t len; /* 0: no code is there */
};

/* Code from one known beginning to one known end. */
struct region {
	uint64_t begin, end;
	uint64_t lsda; /* address of its exception table, or 0 */
	bool is_swept;
};

/* A word that the loader fills. */
struct slot {
	uint64_t address;
	enum elf_reloc_kind kind;
	uint32_t symbol;
	int64_t addend;
	uint32_t definition; /* program_open() fills it in: program_slot() */
};

struct label {
	uint64_t address;
	struct slice name;
};

struct module {
	struct slice name; /* for people */
	uint64_t base;	   /* added to every address of the file */
	struct elf_view view;
	const struct machine *machine;
	bool is_whole;	/* opened by name: whatever it exports may be called */
	bool is_loader; /* started by the kernel, before the program */
	bool is_late;	/* opened when the program runs already */
	bool is_go;
	uint64_t table; /* of the slots that stubs jump through */
	struct pclntab go;
	uint8_t *marks[ELF_VIEW_LOADS]; /* NULL for what is no code */
	LIST(struct region) regions;	/* sorted, disjoint */
	LIST(struct slot) slots;	/* sorted */
	LIST(struct label) labels;	/* sorted */
	LIST(struct slice) versions;	/* by number */
};

/* The file's bytes stay the caller's and must outlive the module. */
int module_open(struct module *out, unsigned number, struct slice name,
		struct slice file, struct err *err);
void module_close(struct module *module);

/* The marks of that byte, or NULL where no code is. */
uint8_t *module_mark(const struct module *module, uint64_t address);

struct code module_code(const struct module *module, uint64_t address);

static inline void code_skip(struct code *code, size_t len)
{
	if (len > code->len)
		len = code->len;
	code->marks += len;
	code->bytes += len;
	code->len -= len;
}

/* Whether a pointer to that address can mean code. */
bool module_is_code(const struct module *module, uint64_t address);

/* The region around an address, or NULL. */
struct region *module_region(const struct module *module, uint64_t address);

/* Where the next region begins behind an address that is in none. */
uint64_t module_gap_end(const struct module *module, uint64_t address);

/* Whether a function is known to begin there; also where no code is. */
bool module_begins(const struct module *module, uint64_t address);

/*
 * The function around an address. Where nothing says how far it goes, it goes
 * to where others are known to begin, and that may be too far.
 */
struct elf_range module_extent(const struct module *module, uint64_t address);

/* The slot at exactly that address, or NULL. */
const struct slot *module_slot(const struct module *module, uint64_t address);

/* Whether a pointer in the module's data leads into those addresses of it. */
bool module_has_pointer(const struct module *module, uint64_t begin,
			uint64_t end);

/* Whether an exported object has one of them, or a symbol cannot be read. */
bool module_has_export(const struct module *module, uint64_t begin,
		       uint64_t end);

/* Whether only instructions that name a slot's very address use it. */
bool module_is_got(const struct module *module, uint64_t address);

/* The bytes from an address on; empty where the file has none. */
struct slice module_bytes(const struct module *module, uint64_t address);

/* The version of a symbol of the loader's table; empty: none. */
struct slice module_version(const struct module *module, uint64_t symbol);

/* Decode what is at an address. */
bool module_decode(struct insn *out, const struct module *module,
		   uint64_t address);

/*
 * Decode an instruction that may run and ends at *at; *at is then where it
 * begins. False where none does.
 */
bool module_previous(struct insn *out, const struct module *module,
		     uint64_t *at);

/*
 * The name of the function around an address, and where that begins. Empty,
 * and the address of the region or the address itself, where none is known.
 */
struct slice module_function(uint64_t *begin, const struct module *module,
			     uint64_t address);

#endif
