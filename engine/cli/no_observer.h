#pragma once

#include "engine/execute/observer.h"

namespace drydock::cli {

// Of an engine that runs nothing: there is nothing to see.
class NoObserver final : public execute::RunObserver {
  public:
    void committed(const run::Event&, const run::RunState&) override {}
    void log_line(std::string_view, execute::LogLevel, std::string_view) override {}
    void progress(std::string_view, std::int64_t, std::int64_t, std::string_view) override {}
};

}  // namespace drydock::cli
