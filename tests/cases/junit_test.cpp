#include "engine/cases/junit.h"

#include <gtest/gtest.h>

namespace drydock::cases {
namespace {

using std::chrono::milliseconds;

TEST(Junit, WritesASuiteForEachFileAndAFailureForEachCaseThatFailed) {
    const std::vector<PlayedFile> files{
        {"a.cases.yaml",
         "",
         {{"all is <well>", {}, milliseconds(1500)},
          {"rows stay",
           {{{.line = 7, .column = 3}, "run", "succeeded", "failed & \x01 \"gone\""}},
           milliseconds(20)}}},
        {"b.cases.yaml", "the runbook b.yaml cannot be read", {}}};
    EXPECT_EQ(junit_text(files), R"xml(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="a.cases.yaml" tests="2" failures="1" errors="0" time="1.520">
    <testcase classname="a.cases.yaml" name="all is &lt;well&gt;" time="1.500"/>
    <testcase classname="a.cases.yaml" name="rows stay" time="0.020">
      <failure message="run">a.cases.yaml:7:3: run&#10;  expected succeeded&#10;  got      failed &amp;  &quot;gone&quot;&#10;</failure>
    </testcase>
  </testsuite>
  <testsuite name="b.cases.yaml" tests="1" failures="0" errors="1" time="0.000">
    <testcase classname="b.cases.yaml" name="can be read">
      <error message="the runbook b.yaml cannot be read"/>
    </testcase>
  </testsuite>
</testsuites>
)xml");
}

}  // namespace
}  // namespace drydock::cases
