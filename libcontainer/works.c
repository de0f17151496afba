// SPDX-License-Identifier: GPL-2.0-or-later
/* What works here: public entry points over backend/ and mount/. */
#include "backend/backend.h"
#include "mount/mount.h"

int cdisk_backends(struct cdisk *c, struct cdisk_check **ret_list)
{
	return cdisk_backend_checks(c, ret_list);
}

int cdisk_doctor(struct cdisk *c, struct cdisk_check **ret_list)
{
	return cdisk_doctor_list(c, ret_list);
}
