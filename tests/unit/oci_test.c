/*
 * Profiles of engines against libseccomp: each is read here once more, with
 * runc's rules and libseccomp's functions, and the two programs are run on
 * every number, every architecture and every boundary of every argument.
 */
#include "seccomp/oci.h"

#include <errno.h>
#include <jansson.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "arch/arch.h"
#include "arch/argument.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "seccomp/compile.h"
#include "seccomp/policy.h"
#include "tests/unit/libseccomp.h"

#define CONTAINERS "/usr/share/containers/seccomp.json"
#define CONTAINERD "build/profiles/containerd.json"
#define DOCKER	   "build/profiles/docker.json"
#define DOCKER_OLD "build/profiles/docker-old.json"

/* What the profile is resolved for. */
struct setting {
	const struct arch *arch;
	const char *caps;
	unsigned int major, minor; /* of the kernel */
};

static json_t *loaded(const char *path)
{
	json_error_t error;
	json_t *json = json_load_file(path, 0, &error);

	if (!json)
		fail_msg("%s: %s", path, error.text);
	return json;
}

static bool is_in(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), text) ==
		    0)
			return true;
	return false;
}

static bool has_cap(const struct setting *setting, const char *cap)
{
	return strstr(setting->caps, cap) != NULL;
}

static bool has_kernel(const struct setting *setting, const json_t *version)
{
	unsigned int major, minor;

	assert_int_equal(
		sscanf(json_string_value(version), "%u.%u", &major, &minor), 2);
	return setting->major > major ||
	       (setting->major == major && setting->minor >= minor);
}

/* moby's profiles/seccomp: one "continue" of its loop each. */
static bool is_excluded(const json_t *ex, const struct setting *setting)
{
	const json_t *caps = json_object_get(ex, "caps");
	const json_t *kernel = json_object_get(ex, "minKernel");

	if (is_in(json_object_get(ex, "arches"), setting->arch->oci))
		return true;
	for (size_t i = 0; i < json_array_size(caps); i++)
		if (has_cap(setting,
			    json_string_value(json_array_get(caps, i))))
			return true;
	return json_is_string(kernel) && has_kernel(setting, kernel);
}

static bool is_included(const json_t *in, const struct setting *setting)
{
	const json_t *arches = json_object_get(in, "arches");
	const json_t *caps = json_object_get(in, "caps");
	const json_t *kernel = json_object_get(in, "minKernel");

	if (json_array_size(arches) && !is_in(arches, setting->arch->oci))
		return false;
	for (size_t i = 0; i < json_array_size(caps); i++)
		if (!has_cap(setting,
			     json_string_value(json_array_get(caps, i))))
			return false;
	return !json_is_string(kernel) || has_kernel(setting, kernel);
}

static uint32_t errno_of(const json_t *object, const char *number,
			 const char *name)
{
	const json_t *value = json_object_get(object, number);
	const char *text = json_string_value(json_object_get(object, name));

	if (json_is_integer(value))
		return (uint32_t)json_integer_value(value);
	for (int i = 1; text && i < 160; i++)
		if (strerrorname_np(i) && strcmp(strerrorname_np(i), text) == 0)
			return (uint32_t)i;
	return EPERM;
}

static uint32_t action_of(const char *name, uint32_t error)
{
	static const struct {
		const char *name;
		uint32_t action;
	} rows[] = {
		{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW },
		{ "SCMP_ACT_KILL", SCMP_ACT_KILL },
		{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS },
		{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP },
		{ "SCMP_ACT_LOG", SCMP_ACT_LOG },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(name, rows[i].name) == 0)
			return rows[i].action;
	assert_string_equal(name, "SCMP_ACT_ERRNO");
	return SCMP_ACT_ERRNO(error);
}

static enum scmp_compare compare_of(const char *name)
{
	static const struct {
		const char *name;
		enum scmp_compare op;
	} rows[] = {
		{ "SCMP_CMP_NE", SCMP_CMP_NE },
		{ "SCMP_CMP_LT", SCMP_CMP_LT },
		{ "SCMP_CMP_LE", SCMP_CMP_LE },
		{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
		{ "SCMP_CMP_GE", SCMP_CMP_GE },
		{ "SCMP_CMP_GT", SCMP_CMP_GT },
		{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(name, rows[i].name) == 0)
			return rows[i].op;
	fail_msg("%s", name);
	return SCMP_CMP_EQ;
}

static uint64_t number(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static void add_rule(scmp_filter_ctx context, uint32_t action, int nr,
		     const struct scmp_arg_cmp *args, unsigned int count)
{
	int r = seccomp_rule_add_array(context, action, nr, count, args);

	if (r != 0 && r != -EEXIST)
		fail_msg("rule for %d: %d", nr, r);
}

static void add_call(scmp_filter_ctx context, uint32_t action, const char *name,
		     const json_t *args)
{
	int nr = seccomp_syscall_resolve_name(name);
	struct scmp_arg_cmp compares[6];
	unsigned int count = (unsigned int)json_array_size(args);
	bool seen[6] = { false }, repeats = false;

	if (nr == __NR_SCMP_ERROR)
		return;
	for (unsigned int i = 0; i < count; i++) {
		const json_t *arg = json_array_get(args, i);
		unsigned int index = (unsigned int)number(arg, "index");
		const char *op = json_string_value(json_object_get(arg, "op"));

		compares[i] = SCMP_CMP64(index, compare_of(op),
					 number(arg, "value"),
					 number(arg, "valueTwo"));
		repeats = repeats || seen[index];
		seen[index] = true;
	}
	if (!repeats)
		add_rule(context, action, nr, compares, count);
	for (unsigned int i = 0; repeats && i < count; i++)
		add_rule(context, action, nr, &compares[i], 1);
}

static void add_entry(scmp_filter_ctx context, const json_t *entry,
		      uint32_t otherwise, const struct setting *setting)
{
	const json_t *names = json_object_get(entry, "names");
	const json_t *args = json_object_get(entry, "args");
	const char *name = json_string_value(json_object_get(entry, "name"));
	uint32_t action = action_of(
		json_string_value(json_object_get(entry, "action")),
		errno_of(entry, "errnoRet", "errno"));

	if (is_excluded(json_object_get(entry, "excludes"), setting) ||
	    !is_included(json_object_get(entry, "includes"), setting) ||
	    action == otherwise)
		return;
	if (name && *name)
		add_call(context, action, name, args);
	for (size_t i = 0; i < json_array_size(names); i++)
		add_call(context, action,
			 json_string_value(json_array_get(names, i)), args);
}

static void make_theirs(struct judge_program *out, const json_t *profile,
			const struct setting *setting)
{
	const json_t *entries = json_object_get(profile, "syscalls");
	uint32_t otherwise = action_of(
		json_string_value(json_object_get(profile, "defaultAction")),
		errno_of(profile, "defaultErrnoRet", "defaultErrno"));
	scmp_filter_ctx context = libseccomp_context(setting->arch, otherwise);

	for (size_t i = 0; i < json_array_size(entries); i++)
		add_entry(context, json_array_get(entries, i), otherwise,
			  setting);
	libseccomp_export(out, context);
	seccomp_release(context);
}

static void make_ours(struct judge_program *out, const struct policy *policy)
{
	struct compile_options plain = { .is_plain = true };
	struct filter filter;
	struct err err = { 0 };
	auto_buf struct buf blob = { 0 };

	if (compile_filter(&blob, policy, &plain, &err) < 0 ||
	    filter_parse(&filter, blob.at, blob.len, &err) < 0)
		fail_msg("%s", err.text);
	memcpy(out->insns, filter.insns,
	       filter.insn_count * sizeof(*filter.insns));
	out->count = filter.insn_count;
}

/* The values that are worth trying for one argument of a call. */
struct values {
	size_t count;
	uint64_t at[512];
	bool is_given[512]; /* by the profile */
};

static void add_value(struct values *values, uint64_t value)
{
	for (size_t i = 0; i < values->count; i++)
		if (values->at[i] == value)
			return;
	assert_true(values->count < sizeof(values->at) / sizeof(values->at[0]));
	values->at[values->count++] = value;
}

static const uint64_t uppers[] = { 0, 1ULL << 32, 1ULL << 63,
				   0xffffffffULL << 32 };

static void add_boundaries(struct values *values, uint64_t value)
{
	add_value(values, value);
	for (size_t i = 0; i < values->count; i++)
		if (values->at[i] == value)
			values->is_given[i] = true;

	for (uint64_t step = 0; step < 3; step++)
		for (size_t i = 0; i < sizeof(uppers) / sizeof(uppers[0]); i++)
			add_value(values, (value + step - 1) ^ uppers[i]);
	for (int bit = 0; bit < 32; bit++)
		add_value(values, value ^ 1ULL << bit);
}

static bool names_call(const json_t *entry, const char *name)
{
	const char *single = json_string_value(json_object_get(entry, "name"));

	return (single && strcmp(single, name) == 0) ||
	       is_in(json_object_get(entry, "names"), name);
}

/* libseccomp cuts such values for 32-bit machines, and makes others of them. */
static bool has_wide_value(const struct values *values, const struct arch *arch)
{
	for (int i = 0; arch->elf_class == 1 && i < 6; i++)
		for (size_t v = 0; v < values[i].count; v++)
			if (values[i].is_given[v] &&
			    values[i].at[v] > UINT32_MAX)
				return true;
	return false;
}

static void find_values(struct values values[6], const json_t *profile,
			const char *name)
{
	const json_t *entries = json_object_get(profile, "syscalls");

	for (size_t i = 0; i < json_array_size(entries); i++) {
		const json_t *entry = json_array_get(entries, i);
		const json_t *args = json_object_get(entry, "args");

		for (size_t a = 0;
		     names_call(entry, name) && a < json_array_size(args);
		     a++) {
			const json_t *arg = json_array_get(args, a);
			struct values *v = &values[number(arg, "index")];

			add_boundaries(v, number(arg, "value"));
			add_boundaries(v, number(arg, "valueTwo"));
		}
	}
	for (int i = 0; i < 6; i++)
		if (!values[i].count)
			add_value(&values[i], 0);
}

/* The argument as the kernel takes it: libseccomp looks at all 64 bits. */
static struct bpf_data cut(const struct bpf_data *call, const struct arch *arch,
			   const char *name)
{
	struct bpf_data as_taken = *call;

	for (unsigned int i = 0; i < 6; i++) {
		struct argument argument = argument_at(arch, slice_from(name),
						       i);

		as_taken.args[i] &= argument_mask(&argument);
	}
	return as_taken;
}

struct comparison {
	const struct judge_program *ours, *theirs;
	const struct arch *arch;
	const char *path, *name;
	const struct values *values;
	size_t runs;
};

static void compare_from(struct comparison *c, struct bpf_data *call, int arg)
{
	if (arg < 6) {
		for (size_t i = 0; i < c->values[arg].count; i++) {
			call->args[arg] = c->values[arg].at[i];
			compare_from(c, call, arg + 1);
		}
		return;
	}
	struct bpf_data as_taken = cut(call, c->arch, c->name);
	uint32_t got = program_verdict(c->ours, call);
	uint32_t want = program_verdict(c->theirs, &as_taken);

	c->runs++;
	if (got != want)
		fail_msg("%s, %s: %s 0x%llx 0x%llx 0x%llx 0x%llx: 0x%x, "
			 "libseccomp 0x%x",
			 c->path, c->arch->name, c->name,
			 (unsigned long long)call->args[0],
			 (unsigned long long)call->args[1],
			 (unsigned long long)call->args[2],
			 (unsigned long long)call->args[3], got, want);
}

static void compare_calls(struct comparison *c, const json_t *profile)
{
	static struct values values[6];
	const struct arch *arch = c->arch;

	for (size_t i = 0; i < arch->syscall_count; i++) {
		struct bpf_data call = { .nr = arch->syscalls[i].nr,
					 .arch = arch->audit };
		const char *name = arch->syscalls[i].name;

		/* Newer than libseccomp; or one with an answer of pith's. */
		if (!judge_knows(arch, name) || strcmp(name, "clone3") == 0)
			continue;
		memset(values, 0, sizeof(values));
		find_values(values, profile, name);
		if (has_wide_value(values, arch))
			continue;
		c->name = name;
		c->values = values;
		compare_from(c, &call, 0);
	}
}

static void compare_numbers(const struct comparison *c)
{
	for (uint32_t nr = 0; nr < 2048; nr++) {
		struct bpf_data call = { .nr = nr, .arch = c->arch->audit };

		if (!arch_syscall_name(c->arch, nr))
			assert_int_equal(program_verdict(c->ours, &call),
					 SECCOMP_RET_ERRNO | ENOSYS);
	}
	for (size_t a = 0; arch_all[a]; a++) {
		struct bpf_data call = { .arch = arch_all[a]->audit };

		if (arch_all[a] == c->arch)
			continue;
		assert_int_equal(program_verdict(c->ours, &call),
				 SECCOMP_RET_KILL_PROCESS);
		assert_int_equal(program_verdict(c->theirs, &call),
				 SECCOMP_RET_KILL_PROCESS);
	}
}

static void import(struct policy *policy, struct buf *notes, const char *path,
		   const struct setting *setting)
{
	const struct oci_machine machine = {
		slice_from(setting->caps), setting->major << 16 | setting->minor
	};
	auto_free char *json = NULL;
	struct err err = { 0 };
	size_t len;

	policy->arch = setting->arch;
	if (io_load(&json, &len, path, 1 << 22, &err) < 0 ||
	    oci_import(policy, notes, (struct slice){ json, len }, &machine,
		       &err) < 0)
		fail_msg("%s: %s", path, err.text);
}

static size_t compare(const char *path, const struct setting *setting)
{
	static struct judge_program ours, theirs;
	json_t *profile = loaded(path);
	auto_policy struct policy policy = { 0 };
	auto_buf struct buf notes = { 0 };
	struct comparison c = { .ours = &ours,
				.theirs = &theirs,
				.arch = setting->arch,
				.path = path };

	import(&policy, &notes, path, setting);
	make_ours(&ours, &policy);
	make_theirs(&theirs, profile, setting);
	compare_calls(&c, profile);
	compare_numbers(&c);
	json_decref(profile);
	print_message("%s, %s, %s: %zu calls compared; %zu instructions, "
		      "libseccomp %zu\n",
		      path, setting->arch->name, setting->caps, c.runs,
		      ours.count, theirs.count);
	return c.runs;
}

/* The same by way of text, and by way of what is exported again. */
static void round_trip(const char *path, const struct setting *setting)
{
	auto_policy struct policy policy = { 0 };
	auto_policy struct policy again;
	auto_policy struct policy back = { .arch = setting->arch };
	auto_buf struct buf notes = { 0 };
	auto_buf struct buf text = { 0 };
	auto_buf struct buf second = { 0 };
	auto_buf struct buf json = { 0 };
	auto_buf struct buf third = { 0 };
	const struct oci_machine machine = { 0 };
	struct err err = { 0 };

	import(&policy, &notes, path, setting);
	policy_print(&text, &policy);
	policy_init(&again, setting->arch);
	if (policy_parse(&again, buf_slice(&text), &err) < 0)
		fail_msg("%s: %s", path, err.text);
	policy_print(&second, &again);
	assert_string_equal(text.at, second.at);
	if (oci_export(&json, &again, &err) < 0 ||
	    oci_import(&back, &notes, buf_slice(&json), &machine, &err) < 0)
		fail_msg("%s: %s", path, err.text);
	policy_print(&third, &back);
	assert_string_equal(text.at, third.at);
}

static void compare_all(const char *path)
{
	if (access(path, R_OK) < 0) {
		print_message("%s is not there\n", path);
		skip();
	}
	for (size_t a = 0; arch_all[a]; a++) {
		const struct setting settings[] = {
			{ arch_all[a], "", 6, 1 },
			{ arch_all[a], "CAP_SYS_ADMIN CAP_SYS_PTRACE", 6, 1 },
			{ arch_all[a], "CAP_BPF CAP_SYS_CHROOT", 4, 4 },
		};

		for (size_t i = 0; i < 3; i++) {
			assert_true(compare(path, &settings[i]) > 200);
			round_trip(path, &settings[i]);
		}
	}
}

static void podmans_default(void **state)
{
	(void)state;
	compare_all(CONTAINERS);
}

static void dockers_default(void **state)
{
	(void)state;
	compare_all(DOCKER);
}

/* As it is for this machine: without includes and excludes. */
static void containerds_default(void **state)
{
	(void)state;
	compare_all(CONTAINERD);
}

static void dockers_old_default(void **state)
{
	(void)state;
	compare_all(DOCKER_OLD);
}

static void a_list_of_what_is_denied(void **state)
{
	(void)state;
	compare_all("tests/data/oci/denylist.json");
}

static void every_kind_of_comparison(void **state)
{
	(void)state;
	compare_all("tests/data/oci/conditions.json");
}

static void a_template(void **state)
{
	(void)state;
	compare_all("tests/data/oci/template.json");
}

/* Calls that a text need not name, and that this one refuses. */
static void calls_that_are_always_needed(void **state)
{
	(void)state;
	compare_all("tests/data/oci/needed.json");
}

static void what_is_lost_is_said(void **state)
{
	const struct setting setting = { &arch_x86_64, "", 6, 1 };
	auto_policy struct policy one = { 0 };
	auto_policy struct policy two = { 0 };
	auto_buf struct buf notes = { 0 };
	auto_buf struct buf more = { 0 };

	(void)state;
	import(&one, &notes, "tests/data/oci/denylist.json", &setting);
	assert_string_equal(notes.at,
			    "SCMP_ARCH_X86: calls by its numbers kill the "
			    "process\nflags: are for the runtime\n");
	import(&two, &more, "tests/data/oci/template.json", &setting);
	assert_string_equal(more.at, "archMap: calls by other numbers than the "
				     "machine's own kill the process\n"
				     "no such calls: no_such_call\n");
}

static void refused(const char *json, const char *why)
{
	struct policy policy = { .arch = &arch_x86_64 };
	const struct oci_machine machine = { 0 };
	auto_buf struct buf notes = { 0 };
	struct err err = { 0 };

	assert_int_equal(
		oci_import(&policy, &notes, slice_from(json), &machine, &err),
		-1);
	assert_string_equal(err.text, why);
}

static void bad_profiles_say_where(void **state)
{
	(void)state;
	refused("[]", "not a JSON object");
	refused("{}", "defaultAction: an action is missing");
	refused("{\"defaultAction\":3}", "defaultAction: not a string");
	refused("{\"defaultAction\":\"X\"}", "defaultAction: 'X': no action");
#define WITH(entry) \
	"{\"defaultAction\":\"SCMP_ACT_KILL\",\"syscalls\":[" entry "]}"
	refused(WITH("3"), "syscalls: 0: not an object");
	refused(WITH("{\"names\":[\"read\"]}"),
		"syscalls: 0: an action is missing");
	refused(WITH("{\"names\":[3],\"action\":\"SCMP_ACT_ALLOW\"}"),
		"syscalls: 0: names: not a string");
	refused(WITH("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\","
		     "\"errnoRet\":9999}"),
		"syscalls: 0: errnoRet: not a number from 0 to 4095");
	refused(WITH("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\","
		     "\"args\":[{\"index\":6}]}"),
		"syscalls: 0: read: args: 0: index: not a number from 0 to 5");
	refused(WITH("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\","
		     "\"args\":[{\"index\":0,\"op\":\"EQ\"}]}"),
		"syscalls: 0: read: args: 0: 'EQ': no comparison");
	refused(WITH("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\","
		     "\"includes\":{\"minKernel\":\"4\"}}"),
		"syscalls: 0: includes: minKernel: '4': not like 4.8");
}

/* Text to profile to text: what the format can say comes back as it was. */
static void policies_survive_the_trip(void **state)
{
	static const char *const texts[] = {
		"read\nwrite\nsocket: domain in AF_UNIX AF_INET\n",
		"default: kill\nread: EIO\nlseek: offset < 0x100000000\n",
		"kill: sig != SIGKILL\nmmap: prot & PROT_EXEC == 0\n",
		"socket: domain == AF_NETLINK -> EIO\nsocket\n",
		"default: allow\nptrace: kill\nioctl: request == TIOCSTI -> "
		"EPERM\n",
		"socket: domain == AF_INET and type == SOCK_STREAM\n",
		"openat: flags & O_CREAT == 0\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct oci_machine machine = { 0 };
		auto_policy struct policy policy;
		auto_policy struct policy back = { .arch = &arch_x86_64 };
		auto_buf struct buf json = { 0 };
		auto_buf struct buf notes = { 0 };
		static struct judge_program before, after;
		struct err err = { 0 };

		policy_init(&policy, &arch_x86_64);
		if (policy_parse(&policy, slice_from(texts[i]), &err) < 0 ||
		    oci_export(&json, &policy, &err) < 0 ||
		    oci_import(&back, &notes, buf_slice(&json), &machine,
			       &err) < 0)
			fail_msg("%s: %s", texts[i], err.text);
		/* Equal meaning is equal instructions but for the order. */
		make_ours(&before, &policy);
		make_ours(&after, &back);
		for (uint32_t nr = 0; nr < 470; nr++) {
			struct bpf_data call = { .nr = nr,
						 .arch = arch_x86_64.audit };

			for (uint64_t v = 0; v < 64; v++) {
				call.args[0] = v;
				call.args[1] = v << 28 | (v & 3);
				call.args[2] = v;
				assert_int_equal(
					program_verdict(&before, &call),
					program_verdict(&after, &call));
			}
		}
	}
}

static void what_the_format_cannot_say_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "lseek: offset >= 5 and offset < 500",
		  "lseek: the format compares an argument once a rule, and "
		  "this takes more" },
		{ "lseek: offset not in 3 5000",
		  "lseek: the format compares an argument once a rule, and "
		  "this takes more" },
		{ "lseek: offset == 0xffffffffffffffff",
		  "lseek: a value is too large for the format" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_policy struct policy policy;
		auto_buf struct buf json = { 0 };
		struct err err = { 0 };

		policy_init(&policy, &arch_x86_64);
		assert_int_equal(
			policy_parse(&policy, slice_from(rows[i].text), &err),
			0);
		assert_int_equal(oci_export(&json, &policy, &err), -1);
		assert_string_equal(err.text, rows[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(podmans_default),
		cmocka_unit_test(dockers_default),
		cmocka_unit_test(dockers_old_default),
		cmocka_unit_test(containerds_default),
		cmocka_unit_test(a_list_of_what_is_denied),
		cmocka_unit_test(every_kind_of_comparison),
		cmocka_unit_test(a_template),
		cmocka_unit_test(calls_that_are_always_needed),
		cmocka_unit_test(what_is_lost_is_said),
		cmocka_unit_test(bad_profiles_say_where),
		cmocka_unit_test(policies_survive_the_trip),
		cmocka_unit_test(what_the_format_cannot_say_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
