using Cmsa.Dsl;
using Cmsa.Dsl.Layers;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;

namespace Cmsa.Experiments.Tests;

/// <summary>Values by their paths, on a command line and in a YAML file.</summary>
public class SettingTests
{
    private const string Yaml = """
        # An experiment.
        version: 1
        preset: paper-small
        seed: 3
        data:
          name: scenes/unc+
          heldOut: 12
        training:
          iterations: 70
          learningRate: 1e-3
          precision: BFloat16
          cacheFeatures: false
        model:
          attention:
            width: 16
        """;

    [Fact]
    public void A_file_says_what_the_options_say()
    {
        var settings = ExperimentFile.Read(Yaml, "e.yaml").Right();
        Assert.Equal("e.yaml, line 9", Setting.Last(settings, "training.iterations").IfNone(new Setting("", "", "")).Where);
        Assert.Equal(
            new DataSpec("scenes/unc", HeldOut: 12) with { Name = "scenes/unc+" },
            Setting.In(new DataSpec("scenes/unc"), settings).Right()
        );
        Assert.Equal(
            new Training(Batch: 7, Iterations: 70, LearningRate: 1e-3, Precision: Precision.BFloat16),
            Setting.In(new Training(Batch: 7), settings).Right()
        );
        var model = Tiny.Experiment().Model;
        Assert.Equal(
            model.Replace<SelfAttention>(a => a with { Width = 16 }),
            Setting.In(model, settings).Right()
        );
        Assert.NotEqual(model, Setting.In(model, settings).Right());
    }

    [Fact]
    public void Every_property_has_a_path_and_none_changes_what_is_not_set()
    {
        Assert.Equal(new Training(), Setting.In(new Training(), []).Right());
        Assert.Equal(new DataSpec("a/b", "c"), Setting.In(new DataSpec("a/b", "c"), []).Right());
        Assert.Contains("training.ema", Setting.Paths);
        Assert.Contains("data.train", Setting.Paths);
        Assert.DoesNotContain("data.isScenes", Setting.Paths);
    }

    [Theory]
    [InlineData("training.iteratons=3", "there is no training.iteratons in an experiment", "training.iterations")]
    [InlineData("model.attention.with=3", "model.attention.with: the model has no such value", "attention.width")]
    [InlineData("training.batch=x", "training.batch: x where a whole number should stand", "")]
    [InlineData("training.learningRate=1,5", "training.learningRate: 1,5 where a number should stand", "")]
    [InlineData("training.precision=half", "training.precision: half where one of Float32, BFloat16, Float64", "")]
    [InlineData("training.cacheFeatures=2", "training.cacheFeatures: 2 where true or false should stand", "")]
    [InlineData("model.attention.width=wide", "model.attention.width: wide where a number should stand", "")]
    [InlineData("model.attention.width=1.5", "1.5 where a whole number should stand", "")]
    [InlineData("nonsense", "no path and value", "training.batch=8")]
    public void What_cannot_be_set_is_one_error(string text, string what, string hint)
    {
        var wrong = Setting
            .Parse(text)
            .Bind(setting =>
                from training in Setting.In(new Training(), [setting])
                from model in Setting.In(Tiny.Experiment().Model, [setting])
                select model
            )
            .Left();
        Assert.Contains(what, wrong.What, StringComparison.Ordinal);
        Assert.Contains(hint, wrong.Hint, StringComparison.Ordinal);
        Assert.Equal($"--set {text}", wrong.Where);
    }

    [Theory]
    [InlineData("version: 2\nseed: 1", "an experiment file of version 2", "e.yaml, line 1")]
    [InlineData("seed: 1", "there is no version", "e.yaml, line 1")]
    [InlineData("", "the file is empty", "e.yaml")]
    [InlineData("- 1", "no names with values", "e.yaml, line 1")]
    [InlineData("version: 1\n\ntraining:\n  bach: 3", "there is no training.bach in an experiment", "e.yaml, line 4")]
    [InlineData("version: 1\nseed: [1, 2]", "seed: a list where a value should stand", "e.yaml, line 2")]
    [InlineData("version: 1\nseed: 1\nseed: 2", "not YAML: ", "e.yaml, line 3")]
    [InlineData("version: 1\ntraining:\n  batch: 1\ntraining.batch: 2", "training.batch is set twice", "e.yaml, line 4")]
    [InlineData("version: 1\nseed: \"1", "not YAML: ", "e.yaml, line 2")]
    [InlineData("version: 1\n---\nversion: 1", "several documents", "e.yaml, line 3")]
    public void A_file_that_says_no_experiment_is_one_error_with_its_line(string text, string what, string where)
    {
        var wrong = ExperimentFile.Read(text, "e.yaml").Left();
        Assert.StartsWith(what, wrong.What, StringComparison.Ordinal);
        Assert.Equal(where, wrong.Where);
    }

    [Fact]
    public void A_wrong_type_in_a_file_has_its_line()
    {
        var settings = ExperimentFile.Read("version: 1\ntraining:\n  batch: many", "e.yaml").Right();
        Assert.Equal("e.yaml, line 3", Setting.In(new Training(), settings).Left().Where);
    }

    [Fact]
    public void Whatever_is_set_to_what_it_is_changes_nothing()
    {
        var model = Tiny.Experiment().Model;
        Assert.Contains(LayerParameters.Paths(model), path => path.EndsWith("attention.width", StringComparison.Ordinal));
        Assert.Equal(model, LayerParameters.With(model, "attention.width", $"{Tiny.Sizes.Attention}").Right());
    }
}
