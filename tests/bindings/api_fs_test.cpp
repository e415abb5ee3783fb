#include "tests/bindings/script_fixture.h"

namespace drydock::bindings {
namespace {

using Files = ScriptTest;

TEST_F(Files, AreReadWrittenAndMoved) {
    EXPECT_EQ(
        run("fs.mkdir('d') fs.write('d/a', 'one') fs.copy('d/a', 'd/b') fs.move('d/b', 'd/c')\n"
            "return {text = fs.read('d/c'), there = fs.exists('d/b'), removed = fs.remove('d/a'), "
            "again = fs.remove('d/a')}"),
        Value(Value::Map{{"text", "one"}, {"there", false}, {"removed", true}, {"again", false}}));
}

TEST_F(Files, AnnounceEveryChangeAndEveryLook) {
    run("fs.write('a', 'x') fs.exists('a') fs.remove('a')");
    EXPECT_EQ(context_->asked_, (std::vector<std::string>{"change fs.write a", "read fs.exists",
                                                          "change fs.remove a"}));
    context_->bound_ = runbook::Effect::Read;
    EXPECT_EQ(error_of("fs.write('b', 'x')").code(), ErrorCode::Lua);
    EXPECT_EQ(value_of("fs.exists('b')"), Value(false));
}

TEST_F(Files, HaveListsStatisticsAndDigests) {
    run("fs.write('b.txt', 'abc') fs.write('a.txt', '') fs.write('c.log', 'x', {mode = '0640'})");
    EXPECT_EQ(value_of("table.concat(fs.list('.'), ' ')"), Value("a.txt b.txt c.log"));
    EXPECT_EQ(value_of("#fs.glob('*.txt')"), Value(2));
    EXPECT_EQ(value_of("fs.stat('b.txt').size == size('3B') and fs.stat('b.txt').kind == 'file'"),
              Value(true));
    EXPECT_EQ(value_of("fs.stat('c.log').mode & 511"), Value(0640));
    EXPECT_EQ(value_of("fs.sha256('b.txt') == crypto.sha256('abc')"), Value(true));
    EXPECT_EQ(value_of("fs.room('.').free > 0 and fs.room('.').total > fs.room('.').free"),
              Value(true));
    EXPECT_EQ(value_of("fs.exists(fs.temp('.', 'x-'))"), Value(true));
}

TEST_F(Files, AreCompressedAndBack) {
    run("fs.write('a', ('x'):rep(10000)) fs.compress('a', 'a.gz') fs.decompress('a.gz', 'b')"
        " fs.compress('a', 'a.zst') fs.decompress('a.zst', 'c')");
    EXPECT_EQ(value_of("fs.read('b') == fs.read('a') and fs.read('c') == fs.read('a') and "
                       "fs.stat('a.zst').size < 1000"),
              Value(true));
}

TEST_F(Files, HaveNamesAndFolders) {
    EXPECT_EQ(value_of("fs.name('/a/b.db') .. ' ' .. fs.folder('/a/b.db') .. ' ' .. "
                       "fs.folder('/a') .. ' ' .. fs.folder('x')"),
              Value("b.db /a / ."));
}

TEST_F(Files, RefuseWhatIsNoPath) {
    for (const char* text :
         {"fs.read('')", "fs.read('a\\0b')", "fs.read({})", "fs.write('a', {})",
          "fs.write('a', 'x', {mode = '999'})", "fs.write('a', 'x', {mode = 600})",
          "fs.write('a', 'x', {mod = '0600'})", "fs.reed('a')"}) {
        EXPECT_EQ(error_of(text).code(), ErrorCode::Lua) << text;
    }
    EXPECT_EQ(error_of("fs.read('missing')").code(), ErrorCode::File);
    const ErrorCode outside = error_of("fs.read('/etc/hostname')").code();
    EXPECT_TRUE(outside == ErrorCode::Permission || outside == ErrorCode::File);
}

}  // namespace
}  // namespace drydock::bindings
