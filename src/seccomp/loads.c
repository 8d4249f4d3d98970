#include "seccomp/loads.h"

#include "data/bytes.h"
#include "seccomp/derive.h"
#include "seccomp/machine.h"
#include "seccomp/values.h"

/*
 * Libraries that open others only when configuration asks for it, which an
 * image has or lacks: named in a note, since no name is in their code.
 */
static const struct {
	const char *module;
	const char *function; /* reached: it may; NULL: always */
	const char *what;
} configured[] = {
	{ "libcrypto.so", NULL, "providers and engines of openssl.cnf" },
	{ "libc.so.6", "iconv_open", "gconv modules of other charsets" },
	{ "libc.so.6", "getaddrinfo", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "gethostbyname", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "gethostbyaddr", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getpwnam", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getpwnam_r", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getpwuid", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getpwuid_r", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getpwent", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getgrnam", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getgrnam_r", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getgrgid", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getgrgid_r", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "initgroups", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getgrouplist", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getservbyname", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getservbyport", "NSS modules of nsswitch.conf" },
	{ "libc.so.6", "getprotobyname", "NSS modules of nsswitch.conf" },
};

static const struct {
	const char *name;
	uint8_t argument; /* the one that names the file */
} openers[] = {
	{ "dlopen", 0 },
	{ "dlmopen", 1 },
};

static bool is_reached(const struct program *program, const char *name)
{
	const struct definition *d = NULL;

	while ((d = program_named(program, slice_from(name), d))) {
		const struct module *module = program_module(program,
							     d->address);

		if (*module_mark(module, d->address) & MARK_QUEUED)
			return true;
	}
	return false;
}

static const struct module *find_module(const struct program *program,
					const char *prefix)
{
	for (size_t i = 0; i < program->modules.count; i++)
		if (slice_has_prefix(program->modules.at[i].name, prefix))
			return &program->modules.at[i];
	return NULL;
}

static void add_note(struct derive *derive, const struct module *module,
		     const char *what)
{
	for (size_t i = 0; i < derive->notes.count; i++)
		if (derive->notes.at[i].module == module &&
		    strcmp(derive->notes.at[i].what, what) == 0)
			return;
	LIST_ADD(&derive->notes, (struct derive_note){ module, what });
}

static void add_notes(struct derive *derive)
{
	for (size_t i = 0; i < sizeof(configured) / sizeof(configured[0]);
	     i++) {
		const char *function = configured[i].function;
		const struct module *module = find_module(&derive->program,
							  configured[i].module);

		if (module &&
		    (!function || is_reached(&derive->program, function)))
			add_note(derive, module, configured[i].what);
	}
}

/* glibc without its loader still opens them; its functions have no names. */
static void add_static_notes(struct derive *derive)
{
	static const struct {
		const char *text; /* a file that the code reads first */
		const char *what;
	} traces[] = {
		{ "/etc/nsswitch.conf", "NSS modules of nsswitch.conf" },
		{ "gconv-modules.cache", "gconv modules of other charsets" },
	};
	const struct module *module = &derive->program.modules.at[0];
	struct slice file = module->view.file;

	if (derive->program.modules.count > 1)
		return;
	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++)
		if (memmem(file.at, file.len, traces[i].text,
			   strlen(traces[i].text)))
			add_note(derive, module, traces[i].what);
}

static bool is_configured(const struct module *module)
{
	for (size_t i = 0; i < sizeof(configured) / sizeof(configured[0]); i++)
		if (slice_has_prefix(module->name, configured[i].module))
			return true;
	return false;
}

/* A path's last part names a library as well as its soname does. */
static bool is_among(const struct program *program, struct slice name)
{
	const char *slash = memrchr(name.at, '/', name.len);
	struct slice last = name;

	if (slash)
		last = bytes_from(name, (uint64_t)(slash + 1 - name.at));
	for (size_t i = 0; i < program->modules.count; i++) {
		struct slice other = program->modules.at[i].name;

		if ((other.len == name.len &&
		     memcmp(other.at, name.at, name.len) == 0) ||
		    (other.len == last.len &&
		     memcmp(other.at, last.at, last.len) == 0))
			return true;
	}
	return false;
}

static void add_open(struct derive *derive, uint64_t at, const char *why,
		     struct slice name)
{
	LIST_ADD(&derive->opens,
		 (struct derive_open){ DERIVE_LOAD, at, why, at, name });
}

static void see_names(struct derive *derive, const struct values *values,
		      uint64_t at)
{
	for (size_t i = 0; i < values->count; i++) {
		struct slice name;

		if (!values_text(&name, &derive->program, &values->values[i]))
			add_open(derive, at, "a name that is not constant",
				 name);
		else if (name.len && !is_among(&derive->program, name))
			add_open(derive, at, "not among the files", name);
	}
}

static void see_call(struct derive *derive, uint64_t at, uint8_t reg)
{
	const struct module *module = program_module(&derive->program, at);
	struct values values;

	values_find(&values, &derive->frames, at, reg, 8);
	if (values.is_known)
		see_names(derive, &values, at);
	else if (!is_configured(module))
		add_open(derive, at, "a name made at run time",
			 (struct slice){ "", 0 });
}

static void see_opener(struct derive *derive, uint64_t address, uint8_t reg)
{
	size_t count;
	const struct reach_edge *edges = reach_edges(&count, &derive->reach,
						     address);
	const struct module *module = program_module(&derive->program, address);

	for (size_t i = 0; i < count; i++)
		if (program_module(&derive->program, edges[i].from) != module)
			see_call(derive, edges[i].from, reg);
	const struct reach_edge *takers = reach_takers(&count, &derive->reach,
						       address);

	if (count)
		add_open(derive, takers->from, "dlopen, by its address",
			 (struct slice){ "", 0 });
	else if (*module_mark(module, address) & MARK_UNKNOWN)
		add_open(derive, address, "dlopen, by its address",
			 (struct slice){ "", 0 });
}

void loads_find(struct derive *derive)
{
	const struct program *program = &derive->program;

	for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++) {
		const struct definition *d = NULL;

		uint64_t last = 0;

		/* A name in two versions is one function. */
		while ((d = program_named(program, slice_from(openers[i].name),
					  d))) {
			if (d->address != last &&
			    *module_mark(program_module(program, d->address),
					 d->address) &
				    MARK_QUEUED)
				see_opener(derive, d->address,
					   program->machine->arguments
						   [openers[i].argument]);
			last = d->address;
		}
	}
	add_notes(derive);
	add_static_notes(derive);
}
