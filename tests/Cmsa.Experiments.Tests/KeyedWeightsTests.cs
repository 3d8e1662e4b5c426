using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tests;

/// <summary>A .pth that holds several state dictionaries, of which an experiment names one.</summary>
public sealed class KeyedWeightsTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    private string At(string file) => Path.Combine(folder.Path, file);

    [Fact]
    public void The_backbone_starts_from_the_state_of_the_key()
    {
        var file = Checkpoint(("model", 0.25f), ("ema", 0.5f));
        foreach (var (key, value) in (Many<(string, float)>)[("model", 0.25f), ("ema", 0.5f)])
        {
            var start = Pretrained.Read(file, key: key).Right();
            var experiment = Tiny.Experiment().From(start, None);
            using var module = Compiled(experiment);
            start.Fill(module).Right();
            var found = module.Tensors.Find(t => t.Parameter.Path == "backbone.conv1.weight").IfNone(() => default!);
            Assert.All(found.Tensor.data<float>().ToArray(), number => Assert.Equal(value, number));
        }
    }

    [Fact]
    public void A_file_of_several_states_without_a_key_says_which_there_are()
    {
        var file = Checkpoint(("model", 0), ("ema", 1));
        var error = Pretrained.Read(file).Bind(start => start.Fit(Tiny.Experiment())).Left();
        Assert.Contains("model, ema", error.What, StringComparison.Ordinal);
        var wrong = Pretrained.Read(file, key: "modle").Bind(start => start.Fit(Tiny.Experiment())).Left();
        Assert.Equal("did you mean model?", wrong.Hint);
    }

    [Fact]
    public void A_key_is_part_of_the_experiment_where_it_is_given()
    {
        var plain = new Pretrained("w.pth", new string('0', 64));
        var (without, with) = (Of(plain), Of(plain with { Key = "ema" }));
        Assert.NotEqual(without.Hash, with.Hash);
        Assert.Equal(["file", "sha256", "mapping"], Fields(without));
        Assert.Equal(["file", "sha256", "mapping", "key"], Fields(with));
        foreach (var experiment in (Many<Experiment>)[without, with])
            Assert.Equal(experiment, Experiment.Parse(experiment.Json, "experiment.json").Right());

        static Experiment Of(Pretrained start) => Tiny.Experiment().From(start, None);

        static string[] Fields(Experiment experiment) =>
            [.. JsonNode.Parse(experiment.Json)!["backbone"]!.AsObject().Select(field => field.Key)];
    }

    [Fact]
    public void Files_without_keys_refuse_one()
    {
        File.WriteAllText(At("w.onnx"), "");
        var error = Pretrained.Read(At("w.onnx"), key: "ema").Bind(start => start.Fit(Tiny.Experiment())).Left();
        Assert.Equal("give no key", error.Hint);
    }

    private static Compiled Compiled(Experiment experiment) =>
        experiment
            .Model.Compile(experiment.Inputs, new(Training: true))
            .Match(Succ: m => m, Fail: wrong => throw new InvalidOperationException($"{wrong}"));

    // Under each key all tensors of the backbone, full of one number.
    private string Checkpoint(params Many<(string Key, float Value)> states)
    {
        using var module = Compiled(Tiny.Experiment());
        var shapes = module
            .Tensors.Where(t => Pretrained.IsBelow(t.Parameter.Path))
            .Select(t => (Name: t.Parameter.Path["backbone.".Length..], Sizes: t.Tensor.shape))
            .ToArray();
        var path = At("checkpoint.pth");
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        var each = states.Select((s, i) => $"S'{s.Key}'\n{State(shapes, $"{i}")}s");
        Write("a/data.pkl", Encoding.Latin1.GetBytes($"\u0080\u0002(d{string.Concat(each)}."));
        for (var i = 0; i < states.Count; i++)
        {
            float[] numbers = [.. Enumerable.Repeat(states[i].Value, (int)shapes.Max(s => Count(s.Sizes)))];
            Write($"a/data/{i}", MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray());
        }
        Write("a/version", "3"u8.ToArray());
        return path;

        void Write(string name, byte[] content)
        {
            using var stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            stream.Write(content);
        }
    }

    // All tensors are views of one storage.
    private static string State((string Name, long[] Sizes)[] shapes, string storage)
    {
        var count = shapes.Max(s => Count(s.Sizes));
        return $"(d{string.Concat(shapes.Select(s => $"S'{s.Name}'\n{Tensor(s.Sizes)}s"))}";

        string Tensor(long[] sizes)
        {
            long[] strides = [.. sizes.Select((_, axis) => Count(sizes[(axis + 1)..]))];
            var number = count.ToString(CultureInfo.InvariantCulture);
            var stored = $"(S'storage'\nctorch\nFloatStorage\nS'{storage}'\nS'cpu'\nI{number}\ntQ";
            return $"ctorch._utils\n_rebuild_tensor_v2\n({stored}L0L\n{Tuple(sizes)}{Tuple(strides)}I00\nNtR";
        }
    }

    private static string Tuple(long[] numbers) =>
        $"({string.Concat(numbers.Select(n => string.Create(CultureInfo.InvariantCulture, $"L{n}L\n")))}t";

    private static long Count(long[] sizes) => sizes.Aggregate(1L, (product, size) => product * size);
}
