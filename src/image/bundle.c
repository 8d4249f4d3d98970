#include "image/bundle.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/scope.h"

/* What engines leave to a process of root's, so that /init can drop it. */
static const char *const root_capabilities[] = {
	"CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FSETID",
	"CAP_FOWNER",  "CAP_SETGID",	       "CAP_SETUID",
	"CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_KILL",
};

/* Of /proc, what tells of the host or steers it; as engines hide it. */
static const char *const masked[] = {
	"/proc/acpi",	       "/proc/kcore",	   "/proc/keys",
	"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
	"/proc/sched_debug",   "/proc/scsi",	   "/sys/firmware",
};

static const char *const read_only[] = {
	"/proc/asound", "/proc/bus", "/proc/fs",
	"/proc/irq",	"/proc/sys", "/proc/sysrq-trigger",
};

struct mount {
	const char *target;
	const char *type;
	const char *source;
	const char *options; /* separated by commas */
};

static const struct mount mounts[] = {
	{ "/proc", "proc", "proc", "nosuid,noexec,nodev" },
	{ "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k" },
	{ "/dev/pts", "devpts", "devpts",
	  "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620" },
	{ "/dev/shm", "tmpfs", "shm",
	  "nosuid,noexec,nodev,mode=1777,size=65536k" },
};

static const struct mount sys_own = { "/sys", "sysfs", "sysfs",
				      "nosuid,noexec,nodev,ro" };

/* Only the owner of a network namespace may mount its sysfs. */
static const struct mount sys_host = { "/sys", "none", "/sys",
				       "rbind,nosuid,noexec,nodev,ro" };

static const struct mount host_files[] = {
	{ "/etc/resolv.conf", "bind", "/etc/resolv.conf", "bind,ro" },
	{ "/etc/hosts", "bind", "/etc/hosts", "bind,ro" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *texts(const char *const *at, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(at[i]));
	return array;
}

static json_t *mount_json(const struct mount *mount)
{
	json_t *options = json_array();
	struct slice rest = slice_from(mount->options);
	struct slice option;

	while (slice_cut(&option, &rest, ','))
		json_array_append_new(options,
				      json_stringn(option.at, option.len));
	return json_pack("{s:s, s:s, s:s, s:o}", "destination", mount->target,
			 "type", mount->type, "source", mount->source,
			 "options", options);
}

static json_t *mounts_json(const struct bundle *bundle)
{
	json_t *array = json_array();

	for (size_t i = 0; i < COUNT(mounts); i++)
		json_array_append_new(array, mount_json(&mounts[i]));
	json_array_append_new(
		array, mount_json(bundle->is_rootless ? &sys_host : &sys_own));
	for (size_t i = 0; i < COUNT(host_files); i++)
		if (access(host_files[i].source, R_OK) == 0)
			json_array_append_new(array,
					      mount_json(&host_files[i]));
	return array;
}

static json_t *linux_json(void)
{
	static const char *const kinds[] = { "pid", "ipc", "uts", "mount" };
	json_t *namespaces = json_array();

	for (size_t i = 0; i < COUNT(kinds); i++)
		json_array_append_new(namespaces,
				      json_pack("{s:s}", "type", kinds[i]));
	return json_pack("{s:o, s:o, s:o}", "namespaces", namespaces,
			 "maskedPaths", texts(masked, COUNT(masked)),
			 "readonlyPaths", texts(read_only, COUNT(read_only)));
}

static json_t *capabilities_json(bool is_root)
{
	static const char *const sets[] = { "bounding", "effective",
					    "permitted" };
	json_t *object = json_object();

	for (size_t i = 0; i < COUNT(sets); i++)
		json_object_set_new(
			object, sets[i],
			texts(root_capabilities,
			      is_root ? COUNT(root_capabilities) : 0));
	return object;
}

static const json_t *config_member(const struct bundle *bundle,
				   const char *name)
{
	return json_object_get(json_object_get(bundle->config, "config"), name);
}

/* "UID", "UID:GID" or nothing, which is root. */
static int read_user(uint32_t *uid, uint32_t *gid, const struct bundle *bundle,
		     struct err *err)
{
	const char *text = bundle->user;
	struct slice group, user;

	if (!text)
		text = json_string_value(config_member(bundle, "User"));
	*uid = *gid = 0;
	if (!text || !*text)
		return 0;
	group = slice_from(text);
	slice_cut(&user, &group, ':');
	if (!num_u32(uid, user) || (group.len && !num_u32(gid, group)))
		return err_set(err, 0,
			       "user '%s': not numeric; give --user "
			       "UID:GID",
			       text);
	return 0;
}

static void append_all(json_t *to, const json_t *from)
{
	size_t i;
	const json_t *value;

	json_array_foreach(from, i, value) if (json_is_string(value))
		json_array_append(to, (json_t *)(uintptr_t)value);
}

static json_t *args_json(const struct bundle *bundle)
{
	json_t *args = json_array();

	append_all(args, config_member(bundle, "Entrypoint"));
	if (!bundle->arg_count)
		append_all(args, config_member(bundle, "Cmd"));
	for (size_t i = 0; i < bundle->arg_count; i++)
		json_array_append_new(args, json_string(bundle->args[i]));
	return args;
}

static json_t *env_json(const struct bundle *bundle)
{
	json_t *env = json_array();

	append_all(env, config_member(bundle, "Env"));
	/* The last of equal names wins. */
	for (size_t i = 0; i < bundle->env_count; i++)
		json_array_append_new(env, json_string(bundle->env[i]));
	return env;
}

static json_t *process_json(const struct bundle *bundle, struct err *err)
{
	const char *cwd = json_string_value(
		config_member(bundle, "WorkingDir"));
	uint32_t uid, gid;

	if (read_user(&uid, &gid, bundle, err) < 0)
		return NULL;
	json_t *args = args_json(bundle);

	if (!json_array_size(args)) {
		json_decref(args);
		err_set(err, 0, "the image names no program to start");
		return NULL;
	}
	return json_pack("{s:b, s:{s:I, s:I}, s:o, s:o, s:s, s:o, s:b}",
			 "terminal", 0, "user", "uid", (json_int_t)uid, "gid",
			 (json_int_t)gid, "args", args, "env", env_json(bundle),
			 "cwd", cwd && *cwd ? cwd : "/", "capabilities",
			 capabilities_json(uid == 0), "noNewPrivileges", 1);
}

int bundle_config(struct buf *out, const struct bundle *bundle, struct err *err)
{
	json_t *process = process_json(bundle, err);

	if (!process)
		return -1;
	json_t *config = json_pack(
		"{s:s, s:o, s:{s:s, s:b}, s:s, s:o, s:o}", "ociVersion",
		"1.0.2", "process", process, "root", "path", "rootfs",
		"readonly", bundle->is_read_only, "hostname", "pith", "mounts",
		mounts_json(bundle), "linux", linux_json());
	auto_free char *text = json_dumps(config, JSON_INDENT(1));

	json_decref(config);
	if (!text)
		return err_set(err, 0, "an argument or variable is not UTF-8");
	buf_text(out, text);
	return 0;
}
