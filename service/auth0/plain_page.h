#ifndef LOGEXPORT_SERVICE_AUTH0_PLAIN_PAGE_H_
#define LOGEXPORT_SERVICE_AUTH0_PLAIN_PAGE_H_

#include "service/export/log.h"

namespace logexport {

// Reads the logs of `page->body` if that is what a page nearly always is: an array of objects in
// which nothing is odd (plain_json.h). In the same walk it notes where the members of each log
// stand, so that mapping need not take it apart again.
//
// Else answers false, and whatever is in `page` then is of no use. The body must be followed by 64
// readable bytes.
bool ReadPlainPage(Page* page);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_PLAIN_PAGE_H_
