using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// The steps of a long short-term memory, channels outermost so that a step is one product of matrices, with a backward
/// pass derived by hand: with <c>h = o tanh(c)</c> and <c>c = f c' + i g</c>, the gates' gradients are products of what
/// the step computed anyway.
/// </summary>
internal sealed class Recurrence : autograd.SingleTensorFunction<Recurrence>
{
    // What was handed to the engine last: it reads it when this is no longer running, and nobody else holds it.
    [ThreadStatic]
    private static List<Tensor>? handedOver;

    /// <summary>What steps there are.</summary>
    /// <param name="Hidden">Channels of the state.</param>
    /// <param name="Samples">How many samples there are.</param>
    /// <param name="Area">How many places a sample has.</param>
    /// <param name="Last">Whether each sample's last state is asked for, rather than all.</param>
    /// <param name="Counts">For how many samples each step is, falling; they are the first so many.</param>
    public sealed record Steps(int Hidden, long Samples, long Area, bool Last, int[] Counts)
    {
        /// <summary>
        /// The steps, with how many words the ones before have taken, and for how many samples the next is.
        /// </summary>
        public IEnumerable<(int At, long Count, long Start, long Next)> Each()
        {
            var start = 0L;
            for (var k = 0; k < Counts.Length; start += Counts[k++])
                yield return (k, Counts[k], start, k + 1 < Counts.Length ? Counts[k + 1] : 0);
        }

        public long Words => Counts.Sum();
    }

    /// <summary>The states of a recurrence.</summary>
    /// <param name="steps">Its steps.</param>
    /// <param name="weight"><c>[4 hidden, hidden]</c>.</param>
    /// <param name="given">
    /// What is given of the gates for all words: <c>[4 hidden, samples, places]</c>, or a number a channel.
    /// </param>
    /// <param name="told">
    /// What each word that a step takes says to the gates: <c>[4 hidden, words, places]</c>, or the same at each place.
    /// </param>
    /// <returns>
    /// <c>[hidden, words, places]</c> with a 0 after the last word; or where the last is asked for
    /// <c>[hidden, samples, places]</c>, 0 for a sample without words.
    /// </returns>
    public static Tensor Of(Steps steps, Tensor weight, Tensor given, Tensor[] told) =>
        torch.is_grad_enabled()
            ? apply([steps, weight, given, .. told])
            : States(steps, weight, given, told, (_, _, _, _) => { });

    /// <inheritdoc/>
    public override string Name => nameof(Recurrence);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (steps, weight, given, told) = (
            (Steps)vars[0],
            (Tensor)vars[1],
            (Tensor)vars[2],
            vars[3..].Cast<Tensor>().ToArray()
        );
        List<Tensor> kept = [weight];
        var states = States(
            steps,
            weight,
            given,
            told,
            (gates, cell, bent, state) => kept.AddRange([gates, cell, bent, state])
        );
        ctx.set_materialize_grads(false);
        ctx.save_data(nameof(Steps), steps);
        ctx.save_data(nameof(given), given.shape[1..]);
        ctx.save_data(nameof(told), told.Select(t => t.shape[2]).ToArray());
        ctx.save_for_backward(kept);
        return states;
    }

    private static Tensor States(
        Steps steps,
        Tensor weight,
        Tensor given,
        Tensor[] told,
        Action<Tensor, Tensor, Tensor, Tensor> keep
    )
    {
        var (hidden, area) = (steps.Hidden, steps.Area);
        var all = given.flatten(1);
        var results = new List<Tensor>();
        Tensor? cell = null,
            state = null;
        foreach (var (k, count, start, next) in steps.Each())
        {
            var columns = count * area;
            var alone = all.shape[1] == 1 ? all : all.narrow(1, 0, columns);
            var gates = state is null
                ? alone.expand(4 * hidden, columns).clone()
                : torch.addmm(alone, weight, state.narrow(1, 0, columns), 1, 1);
            foreach (var word in told)
                gates.unflatten(1, [count, area]).add_(word.narrow(1, start, count), Scalars.One);
            var (i, f, g, o) = Gates(gates, hidden);
            gates.narrow(0, 0, 2 * hidden).sigmoid_();
            g.tanh_();
            o.sigmoid_();
            var now = i.mul(g);
            if (cell is not null)
                now.addcmul_(f, cell.narrow(1, 0, columns), Scalars.One);
            var bent = now.tanh();
            (cell, state) = (now, o.mul(bent));
            keep(gates, cell, bent, state);
            results.Add(steps.Last ? state.narrow(1, next * area, (count - next) * area) : state);
        }
        // Those that end last come first.
        if (steps.Last)
            results.Reverse();
        var none = (steps.Last ? steps.Samples - steps.Counts.FirstOrDefault() : 1) * area;
        results.Add(torch.zeros([hidden, none], given.dtype, given.device));
        return torch.cat(results, 1).unflatten(1, [-1, area]);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var steps = (Steps)ctx.get_data(nameof(Steps));
        var (givenSizes, toldAreas) = ((long[])ctx.get_data("given"), (long[])ctx.get_data("told"));
        var (hidden, area, saved) = (steps.Hidden, steps.Area, ctx.get_saved_variables());
        Tensor Kept(int step, int which) => saved[1 + (4 * step) + which];

        var weight = saved[0];
        var back = weight.t();
        var asked = grad_output.flatten(1);
        // Gradients of the state and the cell of all samples; a step is about the first so many. Where all states are
        // asked for, each step adds its own.
        var most = steps.Counts.FirstOrDefault() * area;
        var ofState = steps.Last
            ? asked.narrow(1, 0, most).clone()
            : torch.zeros([hidden, most], weight.dtype, weight.device);
        var ofCell = torch.zeros_like(ofState);
        var ofWeight = torch.zeros_like(weight);
        var ofGiven = torch.zeros([4 * hidden, givenSizes[0] * givenSizes[1]], weight.dtype, weight.device);
        var ofTold = toldAreas
            .Select(a => torch.empty([4 * hidden, steps.Words, a], weight.dtype, weight.device))
            .ToArray();
        foreach (var (k, count, start, _) in steps.Each().Reverse())
        {
            using var inner = NewDisposeScope();
            var columns = count * area;
            var (gates, bent, dh, dc) = (
                Kept(k, 0),
                Kept(k, 2),
                ofState.narrow(1, 0, columns),
                ofCell.narrow(1, 0, columns)
            );
            if (!steps.Last)
                dh.add_(asked.narrow(1, start * area, columns), Scalars.One);
            var (i, f, g, o) = Gates(gates, hidden);
            // The slopes of sigmoids and tanh, s - s^2 and 1 - t^2, negated: of all gates at once.
            var down = gates.mul(gates);
            var (di, df, dg, d_o) = Gates(down, hidden);
            down.narrow(0, 0, 2 * hidden).sub_(gates.narrow(0, 0, 2 * hidden));
            dg.sub_(Scalars.One);
            d_o.sub_(o);
            d_o.mul_(dh).mul_(bent);
            var through = dh.mul(o);
            dc.add_(through, Scalars.One).sub_(through.mul_(bent).mul_(bent));
            down.narrow(0, 0, 3 * hidden).unflatten(0, [3, hidden]).mul_(dc);
            di.mul_(g);
            dg.mul_(i);
            if (k == 0)
                df.zero_();
            else
            {
                df.mul_(Kept(k - 1, 1).narrow(1, 0, columns));
                dc.mul_(f);
                ofWeight.addmm_(down, Kept(k - 1, 3).narrow(1, 0, columns).t(), 1, -1);
                dh.addmm_(back, down, 0, -1);
            }
            if (givenSizes[0] * givenSizes[1] == 1)
                ofGiven.sub_(down.sum(1, keepdim: true));
            else
                ofGiven.narrow(1, 0, columns).sub_(down);
            foreach (var of in ofTold)
            {
                var each = down.unflatten(1, [count, area]);
                of.narrow(1, start, count).copy_(of.shape[2] == area ? each : each.sum(2, keepdim: true)).neg_();
            }
        }
        List<Tensor> gradients = [ofWeight, ofGiven.unflatten(1, givenSizes), .. ofTold];
        foreach (var gradient in gradients)
            gradient.MoveToOuterDisposeScope();
        handedOver?.ForEach(t => t.Dispose());
        handedOver = gradients;
        grad_output.Dispose();
        return [null!, .. gradients];
    }

    private static (Tensor I, Tensor F, Tensor G, Tensor O) Gates(Tensor gates, long hidden) =>
        (
            gates.narrow(0, 0, hidden),
            gates.narrow(0, hidden, hidden),
            gates.narrow(0, 2 * hidden, hidden),
            gates.narrow(0, 3 * hidden, hidden)
        );
}
