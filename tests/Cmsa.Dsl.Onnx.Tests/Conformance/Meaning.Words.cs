using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Onnx.Tests.Conformance;

/// <summary>Recurrences.</summary>
internal static partial class Meaning
{
    private static Either<string, Answer> Lstm(OnnxCase c) =>
        c.Maybe(7).IsSome
            ? Recurring(c, RecurrentCell.LstmWithPeepholes, [0, 2, 3, 1])
            : Recurring(c, RecurrentCell.Lstm, [0, 2, 3, 1]);

    private static Either<string, Answer> Gru(OnnxCase c) =>
        Recurring(c, c.Long("linear_before_reset", 0) != 0 ? RecurrentCell.Gru : RecurrentCell.GruResetFirst, [1, 0, 2]);

    // ONNX has the gates in another order: input, output, forget, cell, and update, reset, new.
    private static Either<string, Answer> Recurring(OnnxCase c, RecurrentCell cell, int[] order)
    {
        if (c.Text("direction", "forward") != "forward" || c.Has("activations") || c.Has("clip") || c.Has("input_forget"))
            return Left("other directions, activations or bounds");
        var isBatchFirst = c.Long("layout", 0) != 0;
        var x = isBatchFirst ? c.Input(0) : c.Input(0).transpose(0, 1).contiguous();
        if (c.Maybe(4).Exists(lengths => Numbers(lengths).Any(n => n != x.shape[1])))
            return Left("words that are missing behind");
        Many<int> initial = cell is RecurrentCell.Lstm or RecurrentCell.LstmWithPeepholes ? [5, 6] : [5];
        if (initial.Exists(i => c.Maybe(i).Exists(t => t.abs().max().item<double>() > 0)))
            return Left("a first state");
        var hidden = (int)c.Input(2).shape[2];

        Tensor Gates(Tensor all) => torch.cat([.. order.Select(i => all.narrow(0, i * hidden, hidden))]);
        Tensor Run(bool last)
        {
            var s = new Statement();
            var recur = new Recur(hidden, last, cell);
            var count = recur.Gates * hidden;
            var told = s.Batch(x, Axis.Word, Axis.Channel).Linear(s.Owned(Gates(c.Input(1)[0]), Axis.Out, Axis.In));
            var weight = s.Owned(Gates(c.Input(2)[0]), Axis.Out, Axis.In);
            var biases = c.Maybe(3)
                .Map(t => t[0])
                .Map(t => (Tensor[])[Gates(t.narrow(0, 0, count)), Gates(t.narrow(0, count, count))])
                .IfNone([torch.zeros(count, ScalarType.Float64), torch.zeros(count, ScalarType.Float64)]);
            var ofInput = s.Owned(biases[0], Axis.Channel);
            var ofState = s.Owned(biases[1], Axis.Channel);
            // Peepholes of input, output, forget.
            Many<Node> peepholes = c.Maybe(7)
                .Map(t => s.Owned(torch.cat([.. new[] { 0, 2, 1 }.Select(i => t[0].narrow(0, i * hidden, hidden))]), Axis.Channel))
                .ToMany();
            var present = s.Batch(torch.ones([x.shape[0], x.shape[1]], ScalarType.Bool), Axis.Word);
            return s.Run(new Node(recur, [told, present, weight, .. peepholes, ofState, ofInput]));
        }

        return Right(() =>
        {
            // [batch, word, channel] and [batch, channel], with an axis for the single direction.
            var (all, last) = (Run(last: false), Run(last: true));
            return isBatchFirst
                ? [all.unsqueeze(2), last.unsqueeze(1)]
                : [all.transpose(0, 1).unsqueeze(1), last.unsqueeze(0)];
        });
    }
}
