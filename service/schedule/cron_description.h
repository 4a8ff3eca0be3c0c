// A cron expression in plain English, so that an operator sees what the service understood.
#ifndef LOGEXPORT_SERVICE_SCHEDULE_CRON_DESCRIPTION_H_
#define LOGEXPORT_SERVICE_SCHEDULE_CRON_DESCRIPTION_H_

#include <string>

#include "service/schedule/cron.h"

namespace logexport {

// "every 5 minutes, at second 0", "at 02:30, on Monday to Friday", "every 90 seconds". Lower case,
// no full stop. Lists are given in full: nothing the rule allows or forbids is left out.
std::string DescribeCron(const CronExpression& expression);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SCHEDULE_CRON_DESCRIPTION_H_
