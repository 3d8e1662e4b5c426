using static LanguageExt.Prelude;

namespace Cmsa.Data.Tests;

/// <summary>A folder of your own data: five pictures with JSON Lines, or a file in COCO's format.</summary>
public sealed class FolderDatasetTests : IDisposable
{
    private readonly Folder folder = new();

    public FolderDatasetTests()
    {
        foreach (var i in Enumerable.Range(0, 5))
            folder.Write($"{i}.png", PictureFile.Png(PicturesTests.Slope(6, 8)));
        folder.Write("photo.jpg", PicturesTests.Jpeg(PicturesTests.Slope(6, 8)));
        folder.Write("mask.png", PictureFile.Png(Grey(6, 8, i => i < 8 ? 255 : 0)));
        folder.Write("labels.png", PictureFile.Png(Grey(6, 8, i => i % 8 == 0 ? 1 : 0)));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Masks_are_files_polygons_or_run_lengths()
    {
        folder.Write(
            "train.jsonl",
            """
            {"picture": "photo.jpg", "expression": "The top row.", "mask": "mask.png", "id": "first", "topic": "place"}

            {"picture": "1.png", "expression": ["left side", "the left"], "mask": "labels.png"}
            {"picture": "2.png", "expression": "box", "mask": [[1, 1, 4, 1, 4, 3, 1, 3]]}
            {"picture": "3.png", "expression": "columns", "mask": {"size": [6, 8], "counts": [6, 12, 30]}}
            """
        );
        folder.Write("val.jsonl", """{"picture": "4.png", "expression": "all", "mask": [[0, 0, 8, 0, 8, 6, 0, 6]]}""");
        folder.Write(
            "more.jsonl",
            """{"picture": "4.png", "expression": "all", "mask": [[0, 0, 8, 0, 8, 6, 0, 6]], "split": "mine"}"""
        );
        var data = FolderDataset.Open(folder.Path).Value();
        Assert.Empty(data.Skipped);
        Assert.Equal(Path.GetFileName(folder.Path), data.Name);
        Assert.Equal(["train", "val", "mine"], data.Splits);
        Assert.Equal((5, 1, 1, 0), (data.Count("train"), data.Count("val"), data.Count("mine"), data.Count("test")));

        var train = Enumerable.Range(0, 5).Select(i => data.Read("train", i).Value()).ToArray();
        Assert.Equal([8, 6, 6, 6, 12], train.Select(sample => sample.Truth.Area));
        Assert.Equal(["first", "train.jsonl:3", "train.jsonl:3/1"], train.Take(3).Select(sample => sample.Id));
        Assert.Equal(("The top row.", "place"), (train[0].Expression, train[0].Topic));
        Assert.Equal(["the", "top", "row"], train[0].Tokens);
        Assert.Equal(new Box(1, 0, 2, 6), Rle.Of(train[4].Truth).Box);
        Assert.Equal(["left", "the"], data.Vocabulary.Words.Skip(4).Take(2));
        Assert.False(data.Vocabulary.Knows("all"));
        Assert.True(data.Read("train", 5).IsLeft);
    }

    [Theory]
    [InlineData("""{"picture": "0.png", "expression": "x", "mask": "mask.png" """, "not whole JSON")]
    [InlineData("[1]", "not an object")]
    [InlineData("""{"expression": "x", "mask": "mask.png"}""", "no \"picture\"")]
    [InlineData("""{"picture": "9.png", "expression": "x", "mask": "mask.png"}""", "there is no picture")]
    [InlineData("""{"picture": "0.png", "mask": "mask.png"}""", "no \"expression\"")]
    [InlineData("""{"picture": "0.png", "expression": ".", "mask": "mask.png"}""", "says nothing")]
    [InlineData("""{"picture": "0.png", "expression": [], "mask": "mask.png"}""", "says nothing")]
    [InlineData("""{"picture": "0.png", "expression": "x"}""", "no \"mask\"")]
    [InlineData("""{"picture": "0.png", "expression": "x", "mask": "9.png"}""", "there is no mask")]
    [InlineData("""{"picture": "0.png", "expression": "x", "mask": "photo.jpg"}""", "no PNG file")]
    [InlineData("""{"picture": "0.png", "expression": "x", "mask": 7}""", "malformed region")]
    [InlineData("""{"image": "0.png", "expression": "x", "mask": "mask.png"}""", "unknown field \"image\"")]
    public void A_wrong_line_is_named_by_its_number_and_the_others_stay(string line, string says)
    {
        folder.Write(
            "train.jsonl",
            $$"""
            {"picture": "0.png", "expression": "x", "mask": "mask.png"}
            {{line}}
            {"picture": "1.png", "expression": "y", "mask": "mask.png"}
            """
        );
        var data = FolderDataset.Open(folder.Path).Value();
        var wrong = Assert.Single(data.Skipped);
        Assert.Contains(says, wrong.What, StringComparison.Ordinal);
        Assert.Equal(folder.At("train.jsonl") + ", line 2", wrong.Where);
        Assert.Equal(["x", "y"], Enumerable.Range(0, 2).Select(i => data.Read("train", i).Value().Expression));
    }

    [Theory]
    [InlineData("[[0, 0, 5, 0, 5]]", "a polygon of 5 numbers")]
    [InlineData("""{"size": [8, 6], "counts": [48]}""", "a region of 8 x 6 pixels")]
    [InlineData("\"black.png\"", "no pixel")]
    [InlineData("\"small.png\"", "a mask of 2 x 2 pixels")]
    [InlineData("\"cut.png\"", "cut off")]
    public void A_mask_that_does_not_fit_costs_its_own_sample(string mask, string says)
    {
        folder.Write("black.png", PictureFile.Png(Grey(6, 8, _ => 0)));
        folder.Write("small.png", PictureFile.Png(Grey(2, 2, _ => 1)));
        folder.Write("cut.png", PictureFile.Png(Grey(6, 8, _ => 1))[..^5]);
        folder.Write("train.jsonl", $$"""{"picture": "0.png", "expression": "x", "mask": {{mask}}}""");
        var wrong = FolderDataset.Open(folder.Path).Value().Read("train", 0).Error();
        Assert.Contains(says, wrong.What, StringComparison.Ordinal);
        Assert.Contains("train.jsonl, line 1", wrong.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void Annotations_of_coco_are_named_by_their_expressions_or_their_category()
    {
        Directory.CreateDirectory(folder.At("images"));
        File.Move(folder.At("1.png"), folder.At("images/1.png"));
        folder.Write(
            "instances_val2017.json",
            """
            {"images": [{"id": 1, "file_name": "0.png", "height": 6, "width": 8},
                        {"id": 2, "file_name": "1.png", "height": 6, "width": 8},
                        {"id": 3, "file_name": "none.png", "height": 6, "width": 8}],
             "categories": [{"id": 5, "name": "car"}],
             "annotations": [
               {"id": 1, "image_id": 1, "category_id": 5, "segmentation": [[0, 0, 2, 0, 2, 2, 0, 2]]},
               {"id": 2, "image_id": 1, "category_id": 5, "segmentation": [[4, 4, 6, 4, 6, 6, 4, 6]]},
               {"id": 3, "image_id": 2, "category_id": 5, "expression": ["left car", "a car"],
                "segmentation": [[0, 0, 2, 0, 2, 2, 0, 2]]},
               {"id": 4, "image_id": 3, "category_id": 5, "segmentation": [[0, 0, 2, 0, 2, 2, 0, 2]]},
               {"id": 6, "image_id": 2, "segmentation": [[0, 0, 2, 0, 2, 2, 0, 2]]},
               {"id": 7, "image_id": 9, "category_id": 5, "segmentation": [[0, 0, 2, 0, 2, 2, 0, 2]]},
               {"id": 8, "image_id": 2, "category_id": 5, "segmentation": null}]}
            """
        );
        var data = FolderDataset.Open(folder.Path).Value();
        var samples = Enumerable.Range(0, data.Count("val")).Select(i => data.Read("val", i).Value()).ToArray();
        Assert.Equal(
            [("3/0", "left car", 4), ("3/1", "a car", 4), ("1/car", "car", 8)],
            samples.Select(sample => (sample.Id, sample.Expression, sample.Truth.Area))
        );
        Assert.All(samples, sample => Assert.Equal("car", sample.Topic));
        string[] wrong =
        [
            "neither an expression nor a category",
            "an annotation without a region",
            $"there is no picture {folder.At("none.png")}",
            "its image 9 is not in the file",
        ];
        Assert.Equal(wrong, data.Skipped.Select(error => error.What));
    }

    [Fact]
    public void A_folder_without_a_data_set_is_an_error()
    {
        Assert.Contains("no data set", FolderDataset.Open(folder.Path).Error().What, StringComparison.Ordinal);
        Assert.Contains("no such folder", FolderDataset.Open(folder.At("none")).Error().What, StringComparison.Ordinal);
        folder.Write("train.jsonl", "\n");
        Assert.Contains("are empty", FolderDataset.Open(folder.Path).Error().What, StringComparison.Ordinal);
        folder.Write("train.jsonl", "{}\n");
        Assert.EndsWith("line 1", FolderDataset.Open(folder.Path).Error().Where, StringComparison.Ordinal);
    }

    private static Picture Grey(int height, int width, Func<int, int> value) =>
        new(
            height,
            width,
            [.. Enumerable.Range(0, height * width).SelectMany(i => Enumerable.Repeat((byte)value(i), 3))]
        );
}
