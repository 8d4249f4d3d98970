#include "tool/disarm.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/service.h"

#define PITH_DIR "etc/pith"
#define CONF	 "service.conf"
#define BLOB	 "service.bpf"

static int open_in(int root, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* Whether the runtime will start /init. */
static int starts_init(bool *out, int bundle, struct err *err)
{
	auto_fd int fd = openat(bundle, "config.json", O_RDONLY | O_CLOEXEC);
	json_t *config = fd < 0 ? NULL : json_loadfd(fd, 0, NULL);
	json_t *process = json_object_get(config, "process");
	const char *first = json_string_value(
		json_array_get(json_object_get(process, "args"), 0));

	*out = first && strcmp(first, "/init") == 0;
	json_decref(config);
	return first ? 0 : err_set(err, 0, "config.json: no program in it");
}

/* The same section without its filter, and what is asked of that. */
static int rewrite_conf(int fd, struct err *err)
{
	auto_free char *text = mem_new(SERVICE_TEXT_MAX + 1, 1);
	ssize_t len = io_read(fd, text, SERVICE_TEXT_MAX);
	auto_buf struct buf out = { 0 };
	struct service service;

	if (len < 0)
		return err_set(err, errno, "read");
	if (service_parse(&service, text, (size_t)len, err) < 0)
		return -1;
	service.filter.count = 0;
	/* Without a filter there is nothing to audit, and /init says no. */
	service.call_log = SERVICE_DENIALS;
	service_print(&out, &service);
	if (io_write_at(fd, out.at, out.len, 0) < 0 ||
	    ftruncate(fd, (off_t)out.len) < 0)
		return err_set(err, errno, "write");
	return 0;
}

int disarm_bundle(bool *has_init, const char *bundle, struct err *err)
{
	auto_fd int directory = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_fd int root = openat(directory, "rootfs",
				  O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_set(err, errno, "%s/rootfs", bundle);
	if (starts_init(has_init, directory, err) < 0)
		return -1;
	auto_fd int pith = open_in(root, PITH_DIR, O_PATH | O_DIRECTORY);
	auto_fd int conf = open_in(root, PITH_DIR "/" CONF, O_RDWR);

	*has_init &= conf >= 0;
	if (conf >= 0 && rewrite_conf(conf, err) < 0)
		return err_wrap(err, "/" PITH_DIR "/" CONF);
	if (pith >= 0 && unlinkat(pith, BLOB, 0) < 0 && errno != ENOENT)
		return err_set(err, errno, "/" PITH_DIR "/" BLOB);
	return 0;
}
