#include "tool/profile_args.h"

#include <string.h>

#include "arch/arch.h"
#include "seccomp/policy.h"
#include "tool/args.h"
#include "tool/output.h"
#include "tool/policy_file.h"

/* A verb has those whose letter is among what it allows. */
static const struct option all[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "arch", required_argument, NULL, 'a' },
	{ "allow-exec", no_argument, NULL, 'x' },
	{ "judge", no_argument, NULL, 'j' },
	{ "bpf", no_argument, NULL, 'b' },
	{ "plain", no_argument, NULL, 'p' },
	{ "table", no_argument, NULL, 't' },
};

enum { ALL = sizeof(all) / sizeof(all[0]) };

static int set(struct profile_args *args, int option, struct err *err)
{
	switch (option) {
	case 'o':
		args->output = optarg;
		break;
	case 'a':
		args->arch = arch_by_name(slice_from(optarg));
		if (!args->arch)
			return args_usage(err, args->verb, optarg,
					  "unknown architecture");
		break;
	case 'b':
		args->as = PROFILE_BPF;
		break;
	case 'j':
		args->is_judged = true;
		break;
	case 'p':
		args->is_plain = true;
		break;
	case 't':
		args->as = PROFILE_TABLE;
		break;
	default:
		args->allow_exec = true;
		break;
	}
	return 0;
}

int profile_args_read(struct profile_args *args, const char *allowed, int argc,
		      char **argv, struct err *err)
{
	struct option longs[ALL + 1] = { { 0 } };
	bool has_output = strchr(allowed, 'o');
	struct args words = { args->verb, argc, argv, has_output ? ":o:" : ":",
			      longs };
	int option, got, count = 0;

	for (int i = 0; i < ALL; i++)
		if (strchr(allowed, all[i].val))
			longs[count++] = all[i];
	args_start();
	while ((got = args_next(&option, &words, err)) > 0)
		if (set(args, option, err) < 0)
			return TOOL_USAGE;
	if (got < 0)
		return got;
	args->count = argc - optind;
	args->files = argv + optind;
	if (args->count < args->least)
		return args_usage(err, args->verb, "FILE", "missing");
	if (args->count > args->most)
		return args_usage(err, args->verb, argv[optind + args->most],
				  "too many files");
	return output_check(args->output, NULL, err);
}

int profile_args_policy(struct policy *policy, const struct profile_args *args,
			const char *file, struct err *err)
{
	policy_init(policy, args->arch ? args->arch : arch_host());
	return policy_file_read(policy, file, err);
}
