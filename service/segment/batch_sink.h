#ifndef LOGEXPORT_SERVICE_SEGMENT_BATCH_SINK_H_
#define LOGEXPORT_SERVICE_SEGMENT_BATCH_SINK_H_

#include <memory>

#include "service/base/clock.h"
#include "service/export/event_sink.h"
#include "service/export/settings.h"
#include "service/http/transport.h"

namespace logexport {

// Delivers events by Segment's HTTP Tracking API: POST base_url/v1/batch. The write key goes as
// user name of Basic authentication, which is all that RudderStack's gateway looks at, and in the
// body, which is what Segment advises. What answers mean is in answer.h.
//
// `sentAt` is the time of the attempt by the receiver's own clock (the Date header of its answers):
// Segment takes the difference between it and its time of receipt off every timestamp, so that with
// a wrong clock of this host all events would be moved.
//
// Probe sends a batch without events. Segment answers 200 and RudderStack 400, and only RudderStack
// tells whether the write key is right; neither makes an event of it.
//
// `transport` and `clock` must outlive the sink.
std::unique_ptr<EventSink> MakeSegmentSink(const SegmentSettings& settings,
                                           HttpTransport& transport, Clock& clock);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_BATCH_SINK_H_
