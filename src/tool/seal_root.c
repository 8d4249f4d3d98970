/* Sealing a tree, in a stage of a Dockerfile; seal.c does images. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/arch.h"
#include "arch/call_list.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/tar.h"
#include "image/closure.h"
#include "image/contents.h"
#include "image/init_file.h"
#include "image/libraries.h"
#include "image/look.h"
#include "image/recipe.h"
#include "image/recipe_exec.h"
#include "image/root.h"
#include "image/scan.h"
#include "image/seal.h"
#include "image/start.h"
#include "image/view.h"
#include "tool/build.h"
#include "tool/seal.h"
#include "tool/seal_service.h"

enum { ACCOUNTS_MAX = 256 * 1024, COPY_SIZE = 64 * 1024 };

/* A path of the tree, as if it were the root. */
static int open_inside(int root, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* Through the whole file, as if it came out of an archive. */
static int look_at(struct buf *notes, int fd, uint64_t size, struct err *err)
{
	const struct tar_entry entry = { .type = TAR_FILE, .size = size };
	struct look *look = look_new();
	auto_free char *chunk = mem_new(COPY_SIZE, 1);
	int result = look_entry(look, &entry, 0, err);
	ssize_t n = 1;

	while (result == 0 && (n = io_read(fd, chunk, COPY_SIZE)) > 0)
		result = look_data(look, (struct slice){ chunk, (size_t)n },
				   err);
	if (n < 0)
		result = err_set(err, errno, "read");
	if (result == 0)
		result = look_end(look, notes, err);
	look_free(look);
	return result;
}

/* The machine is the program's: there is no config to say it. */
static const struct arch *arch_of(const char *notes)
{
	struct slice elf, name;

	if (look_note(&elf, notes, "elf", 0) && slice_cut(&name, &elf, ' '))
		return arch_by_name(name);
	return arch_host();
}

static int read_program(struct closure_program *out, struct recipe *recipe,
			const struct seal *seal, int root, struct err *err)
{
	auto_fd int fd = open_inside(root, seal->program);
	auto_buf struct buf notes = { 0 };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "%s in %s", seal->program,
			       seal->input);
	if (!S_ISREG(st.st_mode))
		return err_set(err, 0, "%s in %s: no regular file",
			       seal->program, seal->input);
	if (look_at(&notes, fd, (uint64_t)st.st_size, err) < 0)
		return err_wrap(err, "%s", seal->program);
	buf_add(&notes, "", 0);
	recipe_choose(recipe, arch_of(notes.at));
	if (!recipe->arch)
		return err_set(err, 0,
			       "%s: a program for a machine that pith "
			       "does not know",
			       seal->program);
	return start_program(out, seal->program, (uint64_t)st.st_size, notes.at,
			     recipe->arch, recipe->service.allow_exec, err);
}

/* The tree's accounts; a missing file has no lines. */
static void read_accounts(struct scan_file *out, int root, const char *path)
{
	auto_fd int fd = open_inside(root, path);
	char chunk[4096];
	ssize_t n;

	while (fd >= 0 && out->bytes.len < ACCOUNTS_MAX &&
	       (n = io_read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(&out->bytes, chunk, (size_t)n);
}

static int fill_service(struct service *service, const struct seal *seal,
			int root, struct err *err)
{
	struct scan scan = { 0 };
	json_t *words = json_pack("[s]", seal->program);

	read_accounts(&scan.passwd, root, "etc/passwd");
	read_accounts(&scan.group, root, "etc/group");
	if (service->exec.count &&
	    strcmp(service->exec.at[0], seal->program) != 0) {
		json_decref(words);
		return err_set(err, 0, "ExecStart: is %s, and the program %s",
			       service->exec.at[0], seal->program);
	}
	bool is_new = !service->exec.count;
	int result = seal_service(service, NULL, words, &scan, err);

	/* ENTRYPOINT names the program; the text must outlast the array. */
	if (is_new && result == 0)
		service->exec.at[0] = (char *)(uintptr_t)seal->program;
	buf_free(&scan.passwd.bytes);
	buf_free(&scan.group.bytes);
	json_decref(words);
	return result;
}

/* A file of the tree, written and not yet in its place. */
struct target {
	struct io_output out;
	const char *name; /* below the root */
	mode_t mode;
};

static int open_target(struct target *target, const char *root, struct err *err)
{
	auto_buf struct buf path = { 0 };

	buf_fmt(&path, "%s/%s", root, target->name);
	if (io_create(&target->out, path.at, err) < 0)
		return -1;
	if (fchmod(target->out.fd, target->mode) < 0)
		return err_set(err, errno, "%s", path.at);
	return 0;
}

static int copy_init(int to, const char *path, struct err *err)
{
	auto_fd int from = open(path, O_RDONLY | O_CLOEXEC);
	auto_free char *chunk = mem_new(COPY_SIZE, 1);
	ssize_t n;

	if (from < 0)
		return err_set(err, errno, "%s", path);
	while ((n = io_read(from, chunk, COPY_SIZE)) > 0)
		if (io_write(to, chunk, (size_t)n) < 0)
			return err_set(err, errno, "write /init");
	return n < 0 ? err_set(err, errno, "%s", path) : 0;
}

/* A link there could lead out of the tree. */
static int make_directory(int root, const char *name, struct err *err)
{
	struct stat st;

	if (mkdirat(root, name, 0755) < 0 && errno != EEXIST)
		return err_set(err, errno, "make %s", name);
	if (fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_set(err, errno, "%s", name);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, 0, "%s: no directory", name);
	return 0;
}

/* What is written but /init, in the order of targets. */
enum { CONF, FILTER, CALLS, TEXTS, TARGETS };

static int write_all(struct target *targets, const char *root, const char *init,
		     const struct buf *texts, struct err *err)
{
	for (size_t i = 0; i < TARGETS; i++)
		if (open_target(&targets[i], root, err) < 0)
			return -1;
	if (copy_init(targets[TEXTS].out.fd, init, err) < 0)
		return -1;
	for (size_t i = 0; i < TEXTS; i++)
		if (io_write(targets[i].out.fd, texts[i].at, texts[i].len) < 0)
			return err_set(err, errno, "write /etc/pith");
	/* All are written: now each takes its place by one rename. */
	for (size_t i = 0; i < TARGETS; i++)
		if (io_commit(&targets[i].out, err) < 0)
			return -1;
	return 0;
}

static int write_tree(int root, const char *directory, const char *init,
		      const struct buf *texts, struct err *err)
{
	struct target targets[TARGETS] = {
		[CONF] = { { .fd = -1 }, "etc/pith/service.conf", 0644 },
		[FILTER] = { { .fd = -1 }, "etc/pith/service.bpf", 0644 },
		[CALLS] = { { .fd = -1 }, "etc/pith/calls", 0644 },
		[TEXTS] = { { .fd = -1 }, "init", CONTENTS_INIT_MODE },
	};

	if (make_directory(root, "etc", err) < 0 ||
	    make_directory(root, "etc/pith", err) < 0)
		return err_wrap(err, "%s", directory);
	int result = write_all(targets, directory, init, texts, err);

	for (size_t i = 0; i < TARGETS; i++)
		io_discard(&targets[i].out);
	return result;
}

/* The lines that the Dockerfile still needs. */
static void print_rest(const struct build *build, const struct seal *seal)
{
	const struct service *service = &build->recipe->service;

	printf("%s  %zu calls (", seal->program, build->calls);
	build_print_filter(build);
	if (service->user.is_set)
		printf("USER %u:%u\n", service->user.id, service->group.id);
	printf("ENTRYPOINT [\"/init\", \"--\", \"%s\"]\n", seal->program);
}

/* For the automatic's find: of the tree, and of nothing outside. */
static int find_code(struct libraries *out, void *of, const char *path,
		     struct err *err)
{
	const struct seal *seal = of;
	auto_root struct root root = { .fd = -1 };
	const struct view view = { .root = &root };
	auto_view_file struct view_file found = { 0 };
	struct libraries_request request = { .view = &view, .path = path };

	*out = (struct libraries){ 0 };
	if (root_open(&root, seal->input, err) < 0)
		return -1;
	int got = view_find(&found, &view, path, err);

	if (got < 0)
		return -1;
	if (!got || !S_ISREG(found.st.st_mode))
		return err_set(err, 0, "%s in %s: no program", path,
			       seal->input);
	request.file = found.file.at;
	return libraries_open(out, &request, err);
}

static int seal_tree(int root, const struct seal *seal, struct build *build,
		     struct err *err)
{
	struct recipe *recipe = build->recipe;
	struct closure_program program;
	auto_buf struct buf init = { 0 };
	struct buf texts[TEXTS] = { 0 };

	if (read_program(&program, recipe, seal, root, err) < 0 ||
	    fill_service(&recipe->service, seal, root, err) < 0)
		return -1;
	int result = build_parts(&texts[CONF], &texts[FILTER], build, &program,
				 err);

	call_list_print(&texts[CALLS], recipe->arch);
	if (result == 0)
		result = init_file_find(&init, &build->init, recipe->arch,
					&recipe->arch, 1, err);
	if (result == 0)
		result = write_tree(root, seal->input, init.at, texts, err);
	for (size_t i = 0; i < TEXTS; i++)
		buf_free(&texts[i]);
	if (result < 0)
		return -1;
	print_rest(build, seal);
	return 0;
}

int seal_root(const struct seal *seal, struct build *build, struct err *err)
{
	auto_free char *text = NULL;
	auto_fd int root = open(seal->input, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_set(err, errno, "%s", seal->input);
	if (seal->program[0] != '/')
		return err_set(err, 0,
			       "%s: not absolute: as it will be in the "
			       "image",
			       seal->program);
	if (seal_load_service(&text, seal->service, err) < 0 ||
	    seal_read_service(build->recipe, text, seal->service, err) < 0)
		return -1;
	build->recipe->also.at = (char **)(uintptr_t)seal->also;
	build->recipe->also.count = seal->also_count;
	build->automatic.find = find_code;
	build->automatic.of = (void *)(uintptr_t)seal;
	int result = seal_tree(root, seal, build, err);

	/* The caller's. */
	build->recipe->also = (struct recipe_list){ 0 };
	recipe_free(build->recipe);
	return result;
}
