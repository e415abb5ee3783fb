// No tool's: what is applied stands in Drydock's records alone.

#include "engine/migrate/tool_table.h"

namespace drydock::migrate {
namespace {

class RecordsOnlyHistory final : public ToolHistory {
  public:
    explicit RecordsOnlyHistory(std::string name) : name_(std::move(name)) {}

    [[nodiscard]] std::string table() const override { return name_; }
    [[nodiscard]] ToolState read() override { return {}; }
    [[nodiscard]] std::vector<sql::AdvisoryKey> locks() override { return {}; }
    void begin(const Passage& /*passage*/) override {}
    void end(const Passage& /*passage*/) override {}
    void unmark(const Migration* /*newest*/) override {}
    void accept(const Migration& /*migration*/) override {}

  private:
    std::string name_;
};

}  // namespace

std::unique_ptr<ToolHistory> records_only_history(const ToolSettings& settings) {
    return std::make_unique<RecordsOnlyHistory>(settings.table);
}

}  // namespace drydock::migrate
