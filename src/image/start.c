#include "image/start.h"

#include <string.h>

#include "arch/arch.h"
#include "base/err.h"
#include "image/closure.h"
#include "image/look.h"
#include "image/name.h"
#include "image/tree.h"

/* What engines search where the image sets no PATH. */
static const char usual_path[] =
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

json_t *start_words(const json_t *config)
{
	static const char *const keys[] = { "Entrypoint", "Cmd" };
	json_t *words = json_array();

	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		const json_t *from = json_object_get(config, keys[k]);

		for (size_t i = 0; i < json_array_size(from); i++)
			if (json_is_string(json_array_get(from, i)))
				json_array_append(words,
						  json_array_get(from, i));
	}
	return words;
}

bool start_is_shell(const char *path)
{
	static const char *const shells[] = { "sh",  "bash", "dash",
					      "ash", "zsh",  "ksh" };
	const char *base = name_base(path);

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(base, shells[i]) == 0)
			return true;
	return false;
}

static const char *search_path(const json_t *config)
{
	const json_t *env = json_object_get(config, "Env");

	for (size_t i = 0; i < json_array_size(env); i++) {
		const char *text = json_string_value(json_array_get(env, i));

		if (text && strncmp(text, "PATH=", 5) == 0)
			return text + 5;
	}
	return usual_path;
}

/* The file DIRECTORY/NAME, unless it is a directory. */
static int look_at(struct tree_node *out, struct buf *path, struct buf *file,
		   struct tree *tree, struct slice directory, const char *name,
		   struct err *err)
{
	path->len = file->len = 0;
	buf_add(path, directory.at, directory.len);
	if (path->len && path->at[path->len - 1] != '/')
		buf_text(path, "/");
	buf_text(path, name);
	/* An image's paths begin at its root, with or without the slash. */
	const char *plain = path->at + strspn(path->at, "/");

	memmove(path->at, plain, strlen(plain) + 1);
	path->len = strlen(path->at);
	buf_text(file, path->at);
	int got = tree_resolve(out, tree, file, err);

	return got > 0 && out->type == TAR_DIR ? 0 : got;
}

int start_find(struct tree_node *out, struct buf *path, struct buf *file,
	       struct tree *tree, const json_t *config, const char *name,
	       struct err *err)
{
	const char *directory = json_string_value(
		json_object_get(config, "WorkingDir"));
	struct slice rest = slice_from(search_path(config));
	struct slice part = { "", 0 };
	int got = 0;

	if (strchr(name, '/')) {
		if (name[0] != '/' && directory)
			part = slice_from(directory);
		return look_at(out, path, file, tree, part, name, err);
	}
	while (got == 0 && slice_cut(&part, &rest, ':'))
		got = look_at(out, path, file, tree, part, name, err);
	return got;
}

static unsigned int digit(char c)
{
	return (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static int check_machine(const char *path, struct slice elf,
			 const struct arch *arch, struct err *err)
{
	struct slice name = { "", 0 };

	slice_cut(&name, &elf, ' ');
	if (slice_eq(name, arch->oci))
		return 0;
	return err_set(err, 0,
		       "%s: a program for linux/%.*s, and the image is for "
		       "linux/%s",
		       path, SLICE_ARGS(name), arch->oci);
}

static int check_script(const char *path, struct slice interpreter,
			bool may_exec, struct err *err)
{
	if (may_exec)
		return 0;
	return err_set(err, 0,
		       "%s: a script, and its interpreter %.*s has to start "
		       "others, but a sealed program starts once; name the "
		       "program itself in ExecStart= of --service, or set "
		       "AllowExec=yes there",
		       path, SLICE_ARGS(interpreter));
}

int start_program(struct closure_program *out, const char *path, uint64_t size,
		  const char *notes, const struct arch *arch, bool may_exec,
		  struct err *err)
{
	struct slice value;

	*out = (struct closure_program){ .size = size };
	if (look_note(&value, notes, "script", 0)) {
		if (check_script(path, value, may_exec, err) < 0)
			return -1;
	} else if (look_note(&value, notes, "broken", 0)) {
		return err_set(err, 0, "%s: %.*s", path, SLICE_ARGS(value));
	} else if (!look_note(&value, notes, "elf", 0)) {
		return err_set(err, 0, "%s: no ELF program", path);
	} else if (check_machine(path, value, arch, err) < 0) {
		return -1;
	}
	if (!look_note(&value, notes, "head", 0))
		return err_set(err, 0, "%s: an empty file", path);
	out->ident_len = value.len / 2;
	for (size_t i = 0; i < out->ident_len; i++)
		out->ident[i] = (uint8_t)(digit(value.at[2 * i]) << 4 |
					  digit(value.at[2 * i + 1]));
	return 0;
}
