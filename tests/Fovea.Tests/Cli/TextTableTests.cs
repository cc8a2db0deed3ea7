using Fovea.Cli;

namespace Fovea.Tests;

public class TextTableTests
{
    private static string[] Lines(TextTable table, int room) => [.. table.Lines(room).Select(line => line.TrimEnd())];

    [Fact]
    public void Texts_begin_below_each_other_and_numbers_end_so()
    {
        TextTable table = new TextTable().AddColumn("class").AddNumbers("samples");
        table.AddRow("ankle boot", "6,000");
        table.AddRow("bag", "7");
        Assert.Equal(["", "  class        samples", new string('─', 24), "  ankle boot     6,000", "  bag                7", ""], Lines(table, 80));
    }

    [Fact]
    public void Markup_of_other_programs_is_text_like_any_other()
    {
        TextTable table = new TextTable().AddColumn("[name]");
        table.AddRow("[red]a[/]");
        Assert.Equal(["", "  [name]", new string('─', 13), "  [red]a[/]", ""], Lines(table, 80));
    }

    [Fact]
    public void A_table_wider_than_its_room_is_broken_at_spaces_in_its_widest_column()
    {
        TextTable table = new TextTable().AddColumns("loss", "use");
        table.AddRow("mse", "errors of a normal distribution");
        // 2 + 4 + 3 + 12 + 2 = 23: "distribution" is the longest word.
        Assert.Equal(["", "  loss   use", new string('─', 23), "  mse    errors of a", "         normal", "         distribution", ""], Lines(table, 23));
    }

    [Fact]
    public void Columns_move_closer_together_before_words_are_broken()
    {
        TextTable table = new TextTable().AddColumn("name").AddNumbers("samples");
        table.AddRow("fashion-mnist", "60,000");
        // Texts of 13 and 7: with 3 spaces between them and 2 at both ends 27, with 2 and 1 24, with 1 and none 21.
        Assert.Equal(["", "  name            samples", new string('─', 27), "  fashion-mnist    60,000", ""], Lines(table, 27));
        Assert.Equal(["", " name           samples", new string('─', 24), " fashion-mnist   60,000", ""], Lines(table, 26));
        Assert.Equal(["", "name          samples", new string('─', 21), "fashion-mnist  60,000", ""], Lines(table, 23));
    }

    [Fact]
    public void Words_are_broken_at_hyphens_then_anywhere_and_whole_columns_never()
    {
        TextTable table = new TextTable().AddColumn("name").AddColumn("accuracy", isRight: true, isWhole: true);
        table.AddRow("stride2-seed", "98.67%");
        // 8 + 1 + 8 = 17; 6 + 1 + 8 = 15.
        Assert.Equal(["", "name     accuracy", new string('─', 17), "stride2-   98.67%", "seed", ""], Lines(table, 17));
        Assert.Equal(["", "name   accuracy", new string('─', 15), "stride   98.67%", "2-seed", ""], Lines(table, 15));
        Assert.All(table.Lines(5), line => Assert.True(line.Contains("accuracy") || line.Contains("98.67%") || line.Trim(' ', '─').Length <= 4, line));
    }

    [Fact]
    public void Lines_do_not_end_with_spaces()
    {
        TextTable table = new TextTable().AddColumns("class", "what");
        table.AddRow("a", "b");
        Assert.All(table.Lines(80), line => Assert.Equal(line.TrimEnd(), line));
    }

    [Fact]
    public void A_column_of_a_given_width_has_it_whatever_it_holds()
    {
        TextTable table = new TextTable().AddColumn("use", width: 10);
        table.AddRow("two words more");
        table.AddRow("short");
        Assert.Equal(["", "  use", new string('─', 14), "  two words", "  more", "  short", ""], Lines(table, 80));
    }

    [Fact]
    public void Characters_that_take_two_places_on_a_terminal_count_twice()
    {
        TextTable table = new TextTable().AddColumns("class", "n");
        table.AddRow("猫犬", "1");
        table.AddRow("cats", "2");
        Assert.Equal(["", "  class   n", new string('─', 13), "  猫犬    1", "  cats    2", ""], Lines(table, 80));
    }
}
