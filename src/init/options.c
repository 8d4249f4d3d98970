#include "init/options.h"

#include <string.h>

#include "base/err.h"

static int add_setting(struct options *out, char *setting, struct err *err)
{
	if (!setting)
		return err_set(err, 0, "-o: needs Key=Value");
	if (!strchr(setting, '=') || setting[0] == '=')
		return err_set(err, 0, "-o %s: not Key=Value", setting);
	if (out->setting_count == OPTIONS_SETTINGS_MAX)
		return err_set(err, 0, "-o: more than %d",
			       OPTIONS_SETTINGS_MAX);
	out->settings[out->setting_count++] = setting;
	return 0;
}

int options_parse(struct options *out, char **argv, struct err *err)
{
	*out = (struct options){ 0 };
	if (!argv[0])
		return err_set(err, 0, "started without a name");
	char **arg = argv + 1;

	for (; *arg && (*arg)[0] == '-'; arg++) {
		if (strcmp(*arg, "--") == 0) {
			arg++;
			break;
		}
		if (strcmp(*arg, "-h") == 0 || strcmp(*arg, "--help") == 0) {
			out->help = true;
		} else if (strcmp(*arg, "--version") == 0) {
			out->version = true;
		} else if (strncmp(*arg, "-o", 2) == 0) {
			char *value = (*arg)[2] ? *arg + 2 : *++arg;

			if (add_setting(out, value, err) < 0)
				return -1;
		} else {
			return err_set(err, 0, "%s: unknown option", *arg);
		}
	}
	out->command = arg;
	return 0;
}
