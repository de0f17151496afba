// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"
#include "startup.h"
#include "text.h"

int verb_version(struct cli *cli)
{
	output_text(cli->out, "program", CDISK_VERSION);
	output_text(cli->out, "library", cdisk_library_version());
	output_null(cli->out, "module");
	output_number(cli->out, "abi", CDISK_ABI_VERSION);
	text_line(cli, "cryptdisk %s", CDISK_VERSION);
	text_line(cli, "libcryptdisk %s", cdisk_library_version());
	text_line(cli, "kernel module: none");
	text_line(cli, "server ABI %d", CDISK_ABI_VERSION);
	output_keep(cli->out);
	return startup_check_versions(CDISK_VERSION, cdisk_library_version(), &cli->failure);
}
