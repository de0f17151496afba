/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A QR code of a secret on standard output, made by the program qrencode where it is installed. */
#ifndef CLI_QR_H
#define CLI_QR_H

struct cli;
struct cdisk_secret;

/* Without qrencode nothing is printed but a note. */
void qr_print(struct cli *cli, struct cdisk_secret *secret);

#endif
