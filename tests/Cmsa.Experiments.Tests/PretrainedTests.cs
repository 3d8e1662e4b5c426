using System.Text.Json.Nodes;
using Cmsa.Dsl;
using Cmsa.Dsl.Onnx;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using Cmsa.Experiments.Tables;
using Cmsa.Models;
using Cmsa.Models.Tables;
using Google.Protobuf;
using LanguageExt;
using Onnx;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tests;

[Trait("Speed", "Slow")]
public sealed class PretrainedTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    private string At(string file) => Path.Combine(folder.Path, file);

    // A file as torchvision's of the tiny model's backbone, from other start values than the experiment's: names
    // without 'backbone.', a classifier and a counter.
    private string Weights(string name = "resnet.safetensors", ulong seed = 9, Func<string, string>? rename = null)
    {
        using var module = Compiled(Tiny.Experiment() with { Seed = seed });
        using var head = TorchSharp.torch.ones(3, 5);
        using var count = TorchSharp.torch.tensor(7L);
        (string Name, TorchSharp.torch.Tensor Tensor)[] tensors =
        [
            .. module
                .Tensors.Where(t => Pretrained.IsBelow(t.Parameter.Path))
                .Select(t => (t.Parameter.Path["backbone.".Length..], t.Tensor)),
            ("fc.weight", head),
            ("bn1.num_batches_tracked", count),
        ];
        var renamed = tensors
            .Select(t => (Name: rename is null ? t.Name : rename(t.Name), t.Tensor))
            .Where(t => t.Name.Length > 0)
            .ToArray();
        TensorFile.Write(At(name), renamed, new Dictionary<string, string>()).Right();
        return At(name);
    }

    private string Written(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    private static Compiled Compiled(Experiment e) =>
        e
            .Model.Compile(e.Inputs, new(Training: true, Seed: e.Seed, Precision: e.Training.Precision))
            .Match(Succ: m => m, Fail: wrong => throw new InvalidOperationException($"{wrong}"));

    private static Experiment From(Pretrained backbone, int iterations = 40) =>
        Tiny.Experiment(iterations).From(backbone, None);

    private static Pretrained Read(string file, string mapping = "") => Pretrained.Read(file, mapping).Right();

    [Fact]
    public void Without_a_backbone_the_hash_and_the_text_are_what_they_were()
    {
        // A change of this number means that every run on every disk is done again.
        var training = Preset.FromNothing with
        {
            Iterations = 1,
            Batch = 1,
            Shards = 1,
            ValidateEvery = 0,
        };
        var experiment = Preset.Find(Preset.All, "paper-small").Bind(r => r.On(new("scenes/unc"), training)).Right();
        Assert.Equal("bd2833b6e9", experiment.Hash);
        Assert.Equal(
            ["version", "name", "image", "words", "scale", "seed", "data", "training", "model"],
            JsonNode.Parse(experiment.Json)!.AsObject().Select(p => p.Key)
        );
    }

    [Fact]
    public void What_is_in_the_file_and_how_it_is_named_is_part_of_the_experiment_and_where_it_lies_is_not()
    {
        var one = From(Read(Weights()));
        File.Copy(At("resnet.safetensors"), At("moved.safetensors"));
        Assert.Equal(one.Hash, From(Read(At("moved.safetensors"))).Hash);
        string[] others =
        [
            Tiny.Experiment().Hash,
            From(Read(Weights("other.safetensors", seed: 8))).Hash,
            From(Read(At("resnet.safetensors"), Written("m", "a -> b"))).Hash,
        ];
        Assert.Equal(4, others.Append(one.Hash).Distinct().Count());
        Assert.Equal(
            Read(At("resnet.safetensors"), Written("m", "a -> b")),
            Read(At("resnet.safetensors"), Written("m", "# why\r\n\r\n  a -> b  \r\n"))
        );
        Assert.Equal(one, Experiment.Parse(one.Json, "a file").Right());
        Assert.Equal(one.Hash, Experiment.Parse(one.Json, "a file").Right().Hash);
    }

    [Fact]
    public void Pixels_are_as_the_weights_take_them_unless_it_is_said()
    {
        var (plain, mapped) = (Read(Weights()), Read(At("resnet.safetensors"), Written("m", "a -> b")));
        Experiment paper = Tiny.Experiment() with { Pixels = PixelNormalization.Caffe };
        Assert.Equal(
            [
                PixelNormalization.ImageNet,
                PixelNormalization.Caffe,
                PixelNormalization.Centred,
                PixelNormalization.Caffe,
            ],
            [
                paper.From(plain, None).Pixels,
                paper.From(mapped, None).Pixels,
                paper.From(plain, PixelNormalization.Centred).Pixels,
                paper.From(None, None).Pixels,
            ]
        );
    }

    [Theory, InlineData(Precision.Float32), InlineData(Precision.BFloat16)]
    public void The_backbone_starts_as_the_file_and_all_else_as_it_would_without(Precision precision)
    {
        var tiny = Tiny.Experiment();
        var experiment = tiny with { Training = tiny.Training with { Precision = precision } };
        using Compiled without = Compiled(experiment),
            other = Compiled(experiment with { Seed = 9 }),
            module = Compiled(experiment);
        var fitted = Read(Weights()).Fill(module).Right();
        Assert.All(
            module.Tensors.Zip(without.Tensors, other.Tensors),
            t =>
                Assert.True(
                    t.First.Tensor.Equals((Pretrained.IsBelow(t.First.Parameter.Path) ? t.Third : t.Second).Tensor),
                    t.First.Parameter.Path
                )
        );
        Assert.Equal(module.Tensors.Select(t => t.Parameter.Path).Where(Pretrained.IsBelow), fitted.Loaded);
        Assert.Equal(["fc.weight [3, 5]"], fitted.LeftOut.Map(t => $"{t}"));
        Assert.EndsWith("; left out: fc.weight", $"{fitted}", StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_found_of_an_experiment_is_what_its_module_gets()
    {
        var backbone = Read(Weights());
        using var module = Compiled(Tiny.Experiment());
        Assert.Equal(backbone.Fill(module).Right(), backbone.Fit(Tiny.Experiment()).Right());
    }

    [Fact]
    public void A_run_s_own_weights_and_a_mapping_s_names_fit_as_well()
    {
        using var module = Compiled(Tiny.Experiment() with { Seed = 9 });
        module.Save(At("ours.safetensors"));
        var ours = Read(At("ours.safetensors")).Fit(Tiny.Experiment()).Right();
        var mapped = Read(
                Weights(
                    "caffe.safetensors",
                    rename: name => $"module.{name.Replace("layer", "stage", StringComparison.Ordinal)}"
                ),
                Written("m", "^module\\. ->\n^stage -> layer\n")
            )
            .Fit(Tiny.Experiment())
            .Right();
        Assert.Equal(ours.Loaded, mapped.Loaded.OrderBy(ours.Loaded.IndexOf).ToMany());
        Assert.Contains("mask.weight", ours.LeftOut.Map(t => t.Name));
    }

    [Theory, InlineData(Precision.Float32), InlineData(Precision.BFloat16)]
    public void A_run_that_has_begun_needs_the_file_no_more_and_ends_as_an_uninterrupted_one(Precision precision)
    {
        var pretrained = From(Read(Weights()), 20);
        var experiment = pretrained with { Training = pretrained.Training with { Precision = precision } };
        var whole = Trainer.Run(experiment, At("whole")).Right();
        var told = new List<Progress>();
        var begun = Trainer
            .Run(experiment, At("parts"), steps: Some(7), progress: new Relay<Progress>(told.Add))
            .Right();
        Assert.Equal(PixelNormalization.ImageNet, Assert.Single(told.OfType<Progress.Filled>()).Scale);
        Assert.Contains(
            "\n1 left out:\n  fc.weight [3, 5]\n",
            File.ReadAllText(begun.Run.BackboneFile),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "\n  backbone.layer4.0.conv2.weight\n",
            File.ReadAllText(begun.Run.BackboneFile),
            StringComparison.Ordinal
        );
        File.Delete(At("resnet.safetensors"));
        Assert.Equal(
            experiment.Backbone,
            Some(Pretrained.Read(At("resnet.safetensors"), known: RunFolder.BackboneDigests(At("parts"))).Right())
        );
        told.Clear();
        var ended = Trainer.Run(experiment, At("parts"), progress: new Relay<Progress>(told.Add)).Right();
        Assert.Empty(told.OfType<Progress.Filled>());
        Assert.Equal((7, true), (begun.At.Step, ended.IsDone));
        using TensorFile.Contents a = TensorFile.Read(whole.Run.LastFile).Right(),
            b = TensorFile.Read(ended.Run.LastFile).Right();
        Assert.All(a.Tensors, t => Assert.Equal(t.Value.bytes.ToArray(), b.Tensors[t.Key].bytes.ToArray()));
    }

    [Fact]
    public void A_file_changed_since_or_gone_before_the_first_checkpoint_is_one_error()
    {
        var experiment = From(Read(Weights()));
        Weights(seed: 8);
        var failure = Trainer.Run(experiment, At("runs")).Left();
        Assert.Equal(At("resnet.safetensors"), failure.Where);
        Assert.Contains("not the one that the experiment starts from", failure.What, StringComparison.Ordinal);
        File.Delete(At("resnet.safetensors"));
        Assert.Contains("no such file", Trainer.Run(experiment, At("runs")).Left().What, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("runs")));
    }

    [Fact]
    public void A_part_of_the_backbone_without_weights_is_one_error_that_lists_it_and_nothing_is_made()
    {
        var partly = Read(
            Weights(rename: name =>
                name.StartsWith("layer4", StringComparison.Ordinal)
                    ? ""
                    : name.Replace("bn1", "norm1", StringComparison.Ordinal)
            )
        );
        var failure = Trainer.Run(From(partly), At("runs")).Left();
        Assert.Contains(
            "missing: backbone.bn1.weight [4], backbone.bn1.bias [4],",
            failure.What,
            StringComparison.Ordinal
        );
        Assert.Contains("fits nowhere: norm1.weight, norm1.bias,", failure.What, StringComparison.Ordinal);
        Assert.Contains("--mapping MAPFILE", failure.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', $"{failure}");

        Experiment wider = Tiny.Experiment() with
        {
            Model = Paper.Model(Tiny.Sizes with { Backbone = Tiny.Sizes.Backbone with { Width = 8 } }),
        };
        Assert.Contains(
            "of another shape: backbone.conv1.weight [4, 3, 7, 7], expected [8, 3, 7, 7],",
            Trainer.Run(wider.From(Read(Weights()), None), At("runs")).Left().What,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "none of its tensors fits",
            Trainer.Run(From(Read(Weights(rename: name => $"encoder.{name}"))), At("runs")).Left().What,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(At("runs")));
    }

    [Fact]
    public void A_model_without_a_backbone_is_one_error() =>
        Assert.Contains(
            "no backbone",
            (Tiny.Experiment() with { Model = Conv(1, 1).AsModel() }).From(Read(Weights()), None).Ready.Left().What,
            StringComparison.Ordinal
        );

    // The tiny model's backbone as an ONNX file, from other start values; the numbers that it has.
    private Dictionary<string, double[]> Onnx(string name, bool named)
    {
        var experiment = Tiny.Experiment() with { Seed = 9 };
        using var module = Compiled(experiment);
        var graph = experiment
            .Model.Everything.Find(p => p.Path == "backbone")
            .Map(p => p.Layer.At(InputSpec.Image(experiment.Image, experiment.Image)))
            .IfNone(() => throw new InvalidOperationException("no backbone"))
            .IfFail(errors => throw new InvalidOperationException($"{errors}"));
        var numbers = graph.Parameters.ToDictionary(
            p => p.Path,
            p => module.NumbersOf(p with { Path = $"backbone.{p.Path}" }).IfLeft([])
        );
        var model = ModelProto.Parser.ParseFrom(OnnxExport.Bytes(graph, p => numbers[p.Path], new()).IfLeft([]));
        if (!named)
            foreach (var tensor in model.Graph.Initializer)
            {
                foreach (var node in model.Graph.Node)
                    for (var i = 0; i < node.Input.Count; i++)
                        if (node.Input[i] == tensor.Name)
                            node.Input[i] = $"onnx::{tensor.Name.GetHashCode(StringComparison.Ordinal)}";
                tensor.Name = $"onnx::{tensor.Name.GetHashCode(StringComparison.Ordinal)}";
            }
        File.WriteAllBytes(At(name), model.ToByteArray());
        return numbers;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_backbone_starts_from_an_onnx_file_by_name_or_by_order(bool named)
    {
        var numbers = Onnx("resnet.onnx", named);
        var experiment = From(Read(At("resnet.onnx")));
        using var module = Compiled(experiment);
        var report = experiment
            .Backbone.Map(b => b.Fill(module).Right())
            .IfNone(() => throw new InvalidOperationException());
        Assert.Equal(numbers.Keys.Select(path => $"backbone.{path}").Order(), report.Loaded.Order());
        foreach (var (path, expected) in numbers)
        {
            var parameter = module
                .Graph.Parameters.Find(p => p.Path == $"backbone.{path}")
                .IfNone(() => throw new InvalidOperationException(path));
            Assert.Equal(expected, module.NumbersOf(parameter).IfLeft([]));
        }
    }

    [Fact]
    public void An_onnx_file_that_does_not_fit_is_one_error()
    {
        Onnx("resnet.onnx", named: false);
        var wider = Tiny.Experiment() with
        {
            Model = Paper.Model(Tiny.Sizes with { Backbone = Tiny.Sizes.Backbone with { Width = 8 } }),
        };
        Assert.Contains(
            "has no place in the model",
            wider.From(Read(At("resnet.onnx")), None).Ready.Left().What,
            StringComparison.Ordinal
        );
        Written("text.onnx", "no weights at all");
        Assert.Contains("no ONNX model", From(Read(At("text.onnx"))).Ready.Left().What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_one_error_and_nothing_is_made()
    {
        File.WriteAllBytes(At("cut.safetensors"), File.ReadAllBytes(Weights())[..^50]);
        foreach (
            var file in new[]
            {
                At("cut.safetensors"),
                Written("empty.pth", ""),
                Written("text.pth", "no weights at all"),
            }
        )
            Assert.Equal(file, Trainer.Run(From(Read(file)), At("runs")).Left().Where);
        Assert.False(Directory.Exists(At("runs")));
        Assert.Equal("no such file", Pretrained.Read(At("gone.pth")).Left().What[^12..]);
        Assert.Contains(
            "line 2 is not a rule",
            Pretrained.Read(At("empty.pth"), Written("m", "a -> b\nnonsense")).Left().What,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Every_job_of_a_study_starts_from_it_and_a_row_that_cannot_is_told_before_the_first()
    {
        var study = new Study(
            PaperTables.Three,
            Tiny.Sizes,
            Tiny.Experiment(2).Training,
            [(Benchmark.Unc, Tiny.Data)],
            Seeds: 2,
            Backbone: Read(Weights())
        )
            .Only(["none", "all"])
            .Right();
        var jobs = study.Jobs().Right();
        Assert.All(
            jobs,
            job =>
                Assert.Equal(
                    (study.Backbone, PixelNormalization.ImageNet),
                    (job.Experiment.Backbone, job.Experiment.Pixels)
                )
        );
        var runner = new StudyRunner(At("runs"));
        Assert.Equal(unit, runner.Ready(jobs).Right());
        var last = jobs[^1] with
        {
            Row = jobs[^1].Row with { Name = "another" },
            Experiment = jobs[^1].Experiment with { Model = Conv(1, 1).AsModel() },
        };
        Assert.Contains("no backbone", runner.Run([.. jobs, last]).Left().What, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("runs")));
        Assert.Contains(
            Grid.Of(Results.Of(study, jobs, At("runs")).Right()).Notes,
            note => note.StartsWith("backbones start from resnet.safetensors (SHA-256 ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Only_a_backbone_that_stays_as_it_is_has_to_be_given()
    {
        var fixedly = Tiny.Experiment() with { Model = Paper.Model(Tiny.Sizes with { FixedBackbone = true }) };
        Assert.Equal(
            [true, false, false],
            new[] { fixedly, Tiny.Experiment(), fixedly.From(Read(Weights()), None) }.Select(e => e.HasRandomBackbone)
        );
        Study Of(Sizes sizes) => Study.Of(PaperTables.Three, sizes, [(Benchmark.Unc, Tiny.Data)]);
        Assert.Equal(
            [true, false, false],
            new[] { Of(Sizes.Paper), Of(Sizes.Small), Of(Sizes.Paper) with { Backbone = Read(Weights()) } }.Select(s =>
                s.HasRandomBackbone
            )
        );
    }

    [Fact]
    public void Fixed_weights_are_still_those_of_the_file_after_training()
    {
        var experiment = Tiny.Experiment(3) with { Model = Paper.Model(Tiny.Sizes with { FixedBackbone = true }) };
        var trained = Trainer.Run(experiment.From(Read(Weights()), None), At("runs")).Right();
        using TensorFile.Contents file = TensorFile.Read(At("resnet.safetensors")).Right(),
            ended = TensorFile.Read(trained.Run.LastFile).Right();
        var fixedly = ended.Tensors.Where(t => Pretrained.IsBelow(t.Key)).ToArray();
        Assert.NotEmpty(fixedly);
        Assert.All(
            fixedly,
            t => Assert.Equal(file.Tensors[t.Key["backbone.".Length..]].bytes.ToArray(), t.Value.bytes.ToArray())
        );
    }
}
