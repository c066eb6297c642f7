#pragma once

// <sys/time.h> first: librabbitmq 0.11 names `struct timeval` without including it.
#include <sys/time.h>
#include <amqp.h>
#include <amqp_framing.h>
