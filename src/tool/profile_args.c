#include "tool/profile_args.h"

#include "arch/arch.h"
#include "seccomp/policy.h"
#include "tool/args.h"
#include "tool/output.h"
#include "tool/policy_file.h"

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

static bool has(const struct args_option *options, int letter)
{
	while (options->name && options->letter != letter)
		options++;
	return options->name;
}

int profile_args_read(struct profile_args *args,
		      const struct args_option *options, int argc, char **argv,
		      struct err *err)
{
	const struct args words = { args->verb, argc, argv,
				    has(options, 'o') ? ":o:" : ":", options };
	int option, got;

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
