#include <string>

#include <gtest/gtest.h>

#include "tests/export/pipeline.h"

namespace logexport {
namespace {

// A batch keeps the pages of its logs in memory, but a page that is larger than a batch should keep
// must not make a batch of each of its logs.
TEST(LargePagesTest, FillBatches) {
  for (const std::size_t page_bytes : {1u << 10, 3u << 20, 5u << 20}) {
    Pipeline pipeline;
    pipeline.tenant->AddLogs(100);
    pipeline.tenant->page_bytes = page_bytes;
    pipeline.segment->batch_limits = {20, 100'000};
    const RunRecord run = pipeline.Run(
        [](RunRecord&, ExporterSettings& settings) { settings.auth0.batch_size = 100; });
    EXPECT_EQ(run.ledger.logs.accepted, 100);
    EXPECT_EQ(pipeline.segment->attempts(), 5) << page_bytes;
  }
}

// Of pages with few events each, no more are kept than fit.
TEST(LargePagesTest, EndABatchWhenItKeepsEnough) {
  Pipeline pipeline;
  pipeline.tenant->AddLogs(100);
  pipeline.tenant->page_bytes = 3 << 20;
  pipeline.segment->batch_limits = {1000, 100'000};
  EXPECT_EQ(pipeline.Run().ledger.logs.accepted, 100);
  EXPECT_GE(pipeline.segment->attempts(), 5);
}

}  // namespace
}  // namespace logexport
