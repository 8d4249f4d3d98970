#include "tool/suggest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "data/elf.h"
#include "image/closure.h"
#include "image/name.h"
#include "tool/trial.h"

/* What the file says of itself. */
struct facts {
	const struct arch *arch;
	bool is_static;
	bool wants_static; /* Base=static: certificates or time zones */
	struct buf needed; /* names of libraries */
};

/* By the words of a recipe: blanks, quotes, backslashes, and percent signs. */
static void add_word(struct buf *out, const char *text, bool is_source)
{
	for (; *text; text++) {
		if (strchr(" \t\"'\\", *text))
			buf_text(out, "\\");
		if (is_source && *text == '%')
			buf_text(out, "%");
		buf_add(out, text, 1);
	}
}

static bool mentions(struct slice bytes, const char *text)
{
	return memmem(bytes.at, bytes.len, text, strlen(text));
}

/* Who calls others over TLS has to know whom to trust. */
static bool is_of_tls(struct slice library)
{
	static const char *const names[] = { "libssl.", "libgnutls.",
					     "libcurl.", "libcurl-" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_has_prefix(library, names[i]))
			return true;
	return false;
}

static int read_elf(struct facts *out, struct slice bytes, struct err *err)
{
	struct elf elf;

	if (elf_parse(&elf, bytes, err) < 0)
		return -1;
	out->arch = arch_by_elf(elf.machine, elf.bits);
	if (!out->arch)
		return err_set(err, 0, "for ELF machine %u, which is not known",
			       elf.machine);
	out->is_static = elf_is_static(&elf);
	out->wants_static = mentions(bytes, "/etc/ssl/certs") ||
			    mentions(bytes, "/usr/share/zoneinfo");
	for (size_t i = 0; i < elf.needed_count; i++) {
		buf_text(&out->needed, i ? " " : "");
		buf_add(&out->needed, elf.needed[i].at, elf.needed[i].len);
		out->wants_static |= is_of_tls(elf.needed[i]);
	}
	return 0;
}

static int read_facts(struct facts *out, const char *program, struct err *err)
{
	auto_fd int fd = open(program, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct closure_program ignored;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "%s", program);
	if (!S_ISREG(st.st_mode) || !st.st_size)
		return err_set(err, 0, "%s: no program", program);
	size_t size = (size_t)st.st_size;
	void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (map == MAP_FAILED)
		return err_set(err, errno, "%s", program);
	const struct slice bytes = { map, size };
	/* A script has its own words, and so has what is no program at all. */
	int result = elf_is_magic(bytes) ? read_elf(out, bytes, err)
					 : closure_check(&ignored, program,
							 arch_host(), err);

	munmap(map, size);
	if (result == 0)
		return 0;
	if (!strstr(err->text, program))
		err_wrap(err, "%s", program);
	return -1;
}

/* A name that image references allow: small letters, digits, ".", "-", "_". */
static int add_name(struct buf *out, const char *base, struct err *err)
{
	size_t begin = out->len;

	for (; *base; base++) {
		char c = *base;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    (strchr("._-", c) && out->len > begin))
			buf_add(out, &c, 1);
	}
	while (out->len > begin && strchr("._-", out->at[out->len - 1]))
		out->at[--out->len] = '\0';
	if (out->len > begin)
		return 0;
	return err_set(err, 0, "no letter or digit to name the image by");
}

static void add_contents(struct buf *out, const struct facts *facts,
			 const struct suggest *suggest)
{
	const char *base = name_base(suggest->program);

	buf_fmt(out, "Platforms=linux/%s\n", facts->arch->oci);
	if (facts->wants_static)
		buf_text(out, "# certificates and time zones, which the "
			      "program can ask for\nBase=static\n");
	else
		buf_text(out, "# users, /tmp, and nothing else; \"static\" "
			      "adds certificates and time zones\n"
			      "Base=scratch\n");
	if (facts->is_static)
		buf_text(out, "# a static program: it needs no other file "
			      "to start\n");
	else {
		buf_text(out, "# linked with ");
		buf_text(out,
			 facts->needed.len ? facts->needed.at : "its loader");
		buf_text(out, ",\n# which come along with all that they need; "
			      "name what it loads later in Needs=\n");
	}
	buf_text(out, "Copy=");
	add_word(out, suggest->program, true);
	buf_text(out, " /app/");
	add_word(out, base, false);
	buf_text(out, "\n");
}

static void add_ports(struct buf *out, const struct trial *trial)
{
	if (!trial || !trial->port_count) {
		buf_text(out, trial ? "# it listened on no port\n"
				    : "# where it listens\n");
		buf_text(out, "#Expose=8080\n");
		return;
	}
	buf_text(out, "# where it listened\n");
	for (size_t i = 0; i < trial->port_count; i++)
		buf_fmt(out, "Expose=%u/%s\n", trial->ports[i].number,
			trial->ports[i].is_udp ? "udp" : "tcp");
}

/* What it held open: a suggestion, for the builder's files may be no others'. */
static void add_paths(struct buf *out, const struct trial *trial)
{
	if (!trial) {
		buf_text(out, "# files that it reads, and where its data "
			      "outlives it\n"
			      "#Copy=NAME.conf /etc/NAME.conf\n"
			      "#Volume=/data\n");
		return;
	}
	for (size_t i = 0; i < trial->path_count; i++) {
		const struct trial_path *path = &trial->paths[i];
		const char *slash = strrchr(path->path, '/');

		if (path->is_written) {
			buf_text(out, "# it wrote to ");
			buf_text(out, path->path);
			buf_text(out, "\n#Volume=");
			buf_add(out, path->path,
				slash > path->path
					? (size_t)(slash - path->path)
					: 1);
		} else {
			buf_text(out, "# it read\n#Copy=");
			add_word(out, path->path, true);
			buf_text(out, " ");
			add_word(out, path->path, false);
		}
		buf_text(out, "\n");
	}
}

static const char rest[] =
	"# nonroot; in numbers, since Kubernetes judges no name\n"
	"User=65532:65532\n"
	"# the calls that its code can make; where that stays open, words "
	"beside it\n"
	"# widen it: pith-recipe(5)\n"
	"SystemCallFilter=auto\n"
	"# the time that it may take to stop; docker grants 10 seconds\n"
	"TimeoutStopSec=8\n"
	"# no core files, and as many open files as it needs\n"
	"LimitCORE=0\n"
	"#LimitNOFILE=1024\n";

static void add_service(struct buf *out, const struct suggest *suggest)
{
	const struct trial *trial = suggest->trial;

	buf_text(out, "\n[Service]\nExecStart=/app/");
	add_word(out, name_base(suggest->program), false);
	for (char **arg = suggest->args; *arg; arg++) {
		buf_text(out, " ");
		if (**arg)
			add_word(out, *arg, false);
		else
			buf_text(out, "\"\"");
	}
	buf_text(out, "\n");
	buf_text(out, rest);
	buf_text(out, "# what engines ask; http://127.0.0.1:8080/healthz asks "
		      "more\n");
	for (size_t i = 0; trial && i < trial->port_count; i++) {
		if (trial->ports[i].is_udp)
			continue;
		buf_fmt(out, "HealthCheck=tcp://127.0.0.1:%u\n",
			trial->ports[i].number);
		return;
	}
	buf_text(out, "#HealthCheck=tcp://127.0.0.1:8080\n");
}

int suggest_recipe(struct buf *out, const struct suggest *suggest,
		   struct err *err)
{
	const char *base = name_base(suggest->program);
	struct facts facts = { 0 };
	int result = read_facts(&facts, suggest->program, err);

	if (result == 0) {
		buf_text(out, "# Build it with \"pith build\"; pith-recipe(5) "
			      "has the keys.\n\n[Image]\nName=localhost/");
		result = add_name(out, base, err);
		if (result < 0)
			err_wrap(err, "%s", suggest->program);
	}
	if (result == 0 && facts.arch) {
		buf_text(out, "\n#Tag=latest\n");
		add_contents(out, &facts, suggest);
		add_ports(out, suggest->trial);
		add_paths(out, suggest->trial);
		add_service(out, suggest);
	}
	buf_free(&facts.needed);
	return result;
}
