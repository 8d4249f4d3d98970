#include "tool/image_code.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/service.h"
#include "image/libraries.h"
#include "image/start.h"
#include "image/tree.h"
#include "image/unpacked.h"
#include "tool/subject.h"

enum { MAGIC_AT = 257 }; /* "ustar", in POSIX's and in GNU's tar */

bool image_code_is_archive(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char magic[5];

	return fd >= 0 &&
	       io_read_at(fd, magic, sizeof(magic), MAGIC_AT) ==
		       sizeof(magic) &&
	       memcmp(magic, "ustar", sizeof(magic)) == 0;
}

/* What /init starts there, whatever the config's first word is. */
static int service_program(struct buf *out, struct subject *subject,
			   struct err *err)
{
	const struct scan_file *conf = &subject->scan.conf;
	struct service service;

	if (!conf->is_there)
		return 0;
	if (service_parse(&service, conf->bytes.at, conf->bytes.len, err) < 0)
		return err_wrap(err, "/etc/pith/service.conf");
	if (service.exec.count)
		buf_text(out, service.exec.at[0]);
	return 0;
}

static int config_program(struct buf *out, struct subject *subject,
			  struct tree *tree, struct err *err)
{
	const json_t *config = json_object_get(subject->image.config, "config");
	json_t *words = start_words(config);
	const char *name = json_string_value(json_array_get(words, 0));
	auto_buf struct buf path = { 0 };
	auto_buf struct buf file = { 0 };
	struct tree_node node;
	int got = name ? start_find(&node, &path, &file, tree, config, name,
				    err)
		       : 0;

	if (got > 0)
		buf_fmt(out, "/%s", path.at);
	else if (got == 0)
		err_set(err, 0, "its program %s is not in it",
			name ? name : "(none)");
	json_decref(words);
	return got > 0 ? 0 : -1;
}

static int find_in(struct libraries *out, const struct image_code *code,
		   struct subject *subject, struct unpacked *unpacked,
		   struct err *err)
{
	const struct tree_visitor visitor = { unpacked, unpacked_entry,
					      unpacked_data, unpacked_end };
	struct tree *tree = tree_read(&subject->reader, &subject->image,
				      &visitor, err);
	auto_buf struct buf program = { 0 };

	if (!tree)
		return -1;
	int result = unpacked_plan(unpacked, tree, err);

	if (code->program)
		buf_text(&program, code->program);
	else if (result == 0)
		result = service_program(&program, subject, err);
	if (result == 0 && !program.len)
		result = config_program(&program, subject, tree, err);
	tree_free(tree);
	if (result < 0)
		return -1;
	return unpacked_find(out, unpacked, program.at, code->with,
			     code->with_count, err);
}

static void release(void *of)
{
	unpacked_close(of);
	free(of);
}

int image_code_find(struct libraries *out, const struct image_code *code,
		    struct err *err)
{
	struct subject subject;
	struct unpacked *unpacked = mem_new(1, sizeof(*unpacked));

	*out = (struct libraries){ 0 };
	unpacked_open(unpacked);
	int result = subject_open(&subject, code->image, code->arch, err);

	if (result == 0 && find_in(out, code, &subject, unpacked, err) < 0)
		result = err_wrap(err, "%s", code->image);
	subject_close(&subject);
	if (result < 0) {
		release(unpacked);
		return -1;
	}
	/* More of the image may be asked for as long as they are open. */
	out->release = release;
	out->released = unpacked;
	return 0;
}
