/* The model as a sketch: one training at its last time with the names that MODEL.md section 1 gives to its parts, and
 * below it the activation of a neuron. */
#include "io/picture/axis.h"
#include "io/picture/trace/parts.h"
#include "sweep/trace.h"

#include <math.h>
#include <stdlib.h>

#define LOWER_HEIGHT 76.0 /* points, of the panel of the activation */
#define LOWER_WIDTH 176.0 /* points */
#define GAP 42.0          /* points between the panels: ticks and title of the upper one */
#define FORMULA_LINE 19.0 /* points */
#define LABEL_GAP 0.04    /* least distance of two labelled neurons, as a share of [0,1] */
#define SMALL_WEIGHT 0.06 /* share of the range of the functions: smaller weights are not pointed out */
#define ACTIVATION_INTERVALS 120

#define COLOUR_WEIGHT "#d55e00"
#define LOOK_WEIGHT "lc rgb '" COLOUR_WEIGHT "' lw 1.4"
#define LOOK_HELP "lc rgb '#909090' lw 0.7 dt (2,3)"
#define LOOK_BAND "fs solid noborder fc rgb '#e4eef6'"

typedef struct sketch {
    const ts_recording_view *view;
    size_t time;                     /* index of the time that is shown */
    const double *position, *weight; /* [m] at that time */
    double bias;
    double low, high, height; /* of the upper panel; and of the functions alone */
    ts_ticks levels;
    double row, row_label, top; /* where the neurons stand, their names, and the names of the jumps */
} sketch;

static sketch sketch_of(const ts_recording_view *view) {
    const ts_trace_data *data = &view->file->data;
    const size_t k = ts_view_last(data, view->training), at = ts_view_at(data, view->training, k, data->points);
    sketch drawn = {.view = view,
                    .time = k,
                    .position = data->position + ts_view_at(data, view->training, k, data->neurons),
                    .weight = data->weight + ts_view_at(data, view->training, k, data->neurons),
                    .bias = data->bias[ts_view_at(data, view->training, k, 1)]};
    double low = 0, high = 0; /* the bias is measured from 0 */
    for (size_t p = 0; p < data->points; p++) {
        low = fmin(low, fmin(data->target[p], data->function[at + p]));
        high = fmax(high, fmax(data->target[p], data->function[at + p]));
    }
    ts_axis_widen(&low, &high, high > low ? 0 : 1);
    drawn.height = high - low;
    drawn.row = low - 0.12 * drawn.height;
    drawn.row_label = drawn.row - 0.1 * drawn.height;
    drawn.low = drawn.row_label - 0.08 * drawn.height;
    drawn.top = high + 0.11 * drawn.height;
    drawn.high = drawn.top + 0.07 * drawn.height;
    ts_ticks_linear(&drawn.levels, drawn.low, drawn.high, (ts_tick_room){.gap = 0.15});
    return drawn;
}

/* ---- upper panel */

/* Level of the network left of neuron j, were all transitions sharp. */
static double level_before(const sketch *drawn, size_t j) {
    double level = drawn->bias;
    for (size_t i = 0; i < drawn->view->file->data.neurons; i++)
        level += drawn->position[i] < drawn->position[j] ? drawn->weight[i] : 0;
    return level;
}

static void print_name(FILE *script, const char *letter, size_t index, double x, double y, const char *look) {
    fprintf(script, "set label '{/:Italic %s}_{%zu}' at first %.7g,%.7g front %s\n", letter, index, x, y, look);
}

static void print_jumps(FILE *script, const sketch *drawn) {
    const ts_recording *file = drawn->view->file;
    for (size_t k = 0; k < file->jump_count; k++) {
        fprintf(script, "set arrow from first %.9g,%.7g to first %.9g,%.7g nohead back " TS_LOOK_JUMP "\n",
                file->jump_at[k], drawn->row + 0.1 * drawn->height, file->jump_at[k],
                drawn->top - 0.05 * drawn->height);
        if (k == 0 || file->jump_at[k] - file->jump_at[k - 1] >= LABEL_GAP)
            print_name(script, "v", k + 1, file->jump_at[k], drawn->top, "center textcolor rgb '#707070'");
    }
}

static void print_bias(FILE *script, const sketch *drawn) {
    fprintf(script, "set arrow from first 0,0 to first 1,0 nohead back " LOOK_HELP "\n");
    if (!(fabs(drawn->bias) >= SMALL_WEIGHT * drawn->height))
        return;
    fprintf(script,
            "set arrow from first 0.015,0 to first 0.015,%.7g head front size screen 0.008,20 " LOOK_WEIGHT "\n",
            drawn->bias);
    print_name(script, "a", 0, 0.023, drawn->bias / 2, "left textcolor rgb '" COLOUR_WEIGHT "'");
}

/* The band of its transition, its place and its name. */
static void print_neuron(FILE *script, const sketch *drawn, size_t j, bool labelled) {
    const double u = drawn->position[j], half = drawn->view->file->eta / 2;
    fprintf(script, "set object rectangle from first %.9g,%.7g to first %.9g,%.7g behind " LOOK_BAND "\n",
            fmax(u - half, 0), drawn->row, fmin(u + half, 1), drawn->high);
    fprintf(script,
            "set arrow from first %.9g,%.7g to first %.9g,%.7g nohead front lc rgb '" TS_COLOUR_NETWORK "' lw 2\n", u,
            drawn->row - 0.03 * drawn->height, u, drawn->row + 0.03 * drawn->height);
    if (labelled)
        print_name(script, "u", j + 1, u, drawn->row_label, "center textcolor rgb '" TS_COLOUR_NETWORK "'");
}

/* Its weight, right of its transition: from the level before to the level after it. */
static void print_weight(FILE *script, const sketch *drawn, size_t j) {
    const double weight = drawn->weight[j], before = level_before(drawn, j), half = drawn->view->file->eta / 2;
    const double x = drawn->position[j] + half + 0.012;
    if (!(fabs(weight) >= SMALL_WEIGHT * drawn->height) || x > 0.98)
        return;
    fprintf(script, "set arrow from first %.9g,%.7g to first %.9g,%.7g nohead back " LOOK_HELP "\n",
            drawn->position[j] - half, before, x + 0.01, before);
    fprintf(script,
            "set arrow from first %.9g,%.7g to first %.9g,%.7g head front size screen 0.008,20 " LOOK_WEIGHT "\n", x,
            before, x, before + weight);
    print_name(script, "a", j + 1, x + 0.008, before + weight / 2, "left textcolor rgb '" COLOUR_WEIGHT "'");
}

/* Its width, above its place. */
static void print_width(FILE *script, const sketch *drawn, size_t j) {
    const double u = drawn->position[j], half = drawn->view->file->eta / 2, y = drawn->row + 0.065 * drawn->height;
    fprintf(script, "set arrow from first %.9g,%.7g to first %.9g,%.7g heads front size screen 0.006,20 lw 0.9\n",
            u - half, y, u + half, y);
    fprintf(script, "set label '{/:Italic η}' at first %.9g,%.7g left front\n", u + half + 0.008, y);
}

/* Names go to the neurons with the largest weights, as far as there is room. Returns the first of them, or m. */
static size_t choose_labelled(const sketch *drawn, bool *labelled) {
    const size_t m = drawn->view->file->data.neurons;
    size_t first = m;
    for (;;) {
        size_t best = m;
        for (size_t j = 0; j < m; j++) {
            bool free = !labelled[j] && drawn->position[j] >= 0 && drawn->position[j] <= 1;
            for (size_t i = 0; i < m && free; i++)
                free = !labelled[i] || fabs(drawn->position[i] - drawn->position[j]) >= LABEL_GAP;
            if (free && (best == m || fabs(drawn->weight[j]) > fabs(drawn->weight[best])))
                best = j;
        }
        if (best == m)
            return first;
        labelled[best] = true;
        first = first == m ? best : first;
    }
}

static bool print_upper(FILE *script, const sketch *drawn, const ts_page *page, double bottom) {
    const size_t m = drawn->view->file->data.neurons;
    bool *labelled = calloc(m, sizeof *labelled);
    if (!labelled)
        return false;
    const size_t first = choose_labelled(drawn, labelled);
    ts_page_panel(script, page->left, page->right, bottom, page->top);
    fprintf(script, "set xrange [0:1]\nset yrange [%.9g:%.9g]\n", drawn->low, drawn->high);
    fputs("set tics out nomirror scale 0.5,0.3\nset xtics 0,0.1,1 format '%g'\n", script);
    ts_ticks_print(script, "y", &drawn->levels);
    print_jumps(script, drawn);
    print_bias(script, drawn);
    for (size_t j = 0; j < m; j++)
        if (drawn->position[j] >= 0 && drawn->position[j] <= 1) {
            print_neuron(script, drawn, j, labelled[j]);
            if (labelled[j])
                print_weight(script, drawn, j);
        }
    if (first < m)
        print_width(script, drawn, first);
    free(labelled);
    const ts_trace_data *data = &drawn->view->file->data;
    const size_t at = ts_view_at(data, drawn->view->training, drawn->time, data->points);
    fputs("$f << EOD\n", script);
    for (size_t p = 0; p < data->points; p++)
        fprintf(script, "%.10g %.6g %.6g\n", data->x[p], data->target[p], data->function[at + p]);
    fputs("EOD\nplot $f using 1:2 notitle with lines " TS_LOOK_TARGET
          ", $f using 1:3 notitle with lines " TS_LOOK_NETWORK "\n",
          script);
    ts_page_printed(script);
    return true;
}

/* ---- lower panel */

/* sigma(z) of MODEL.md section 1 from z = -1 to 1: the function of a network of one neuron of width 1. */
static void print_activation_data(FILE *script) {
    double z[ACTIVATION_INTERVALS + 1], value[ACTIVATION_INTERVALS + 1];
    const double position = 0, weight = 1;
    uint32_t order[1];
    for (int i = 0; i <= ACTIVATION_INTERVALS; i++)
        z[i] = -1 + 2.0 * i / ACTIVATION_INTERVALS;
    ts_trace_function(1, 1, &position, &weight, 0, z, ACTIVATION_INTERVALS + 1, order, value);
    fputs("$activation << EOD\n", script);
    for (int i = 0; i <= ACTIVATION_INTERVALS; i++)
        fprintf(script, "%.7g %.7g\n", z[i], value[i]);
    fputs("EOD\n", script);
}

static void print_lower(FILE *script, const ts_page *page) {
    ts_page_panel(script, page->left, page->left + ts_page_across(LOWER_WIDTH), page->bottom,
                  page->bottom + ts_page_up(LOWER_HEIGHT));
    print_activation_data(script);
    fputs("set object rectangle from first -0.5, graph 0 to first 0.5, graph 1 behind " LOOK_BAND "\n", script);
    fputs("set arrow from first -0.5,0.86 to first 0.5,0.86 heads front size screen 0.006,20 lw 0.9\n"
          "set label '{/:Italic η}' at first -0.08,1.02 center front\n",
          script);
    fputs("set arrow from first 0, graph 0 to first 0,0.5 nohead back " LOOK_HELP "\n", script);
    fputs("set xrange [-1:1]\nset yrange [-0.15:1.2]\n", script);
    fputs("set xtics ('{/:Italic u_j} − {/:Italic η}/2' -0.5, '{/:Italic u_j}' 0, '{/:Italic u_j} + {/:Italic η}/2' "
          "0.5) format '%g'\n"
          "set ytics ('0' 0, '1/2' 0.5, '1' 1)\n",
          script);
    fputs("plot $activation using 1:2 notitle with lines " TS_LOOK_NETWORK "\n", script);
    ts_page_printed(script);
}

static void print_formulas(FILE *script, const ts_page *page) {
    static const char *const formulas[] = {
        ("{/:Italic f}({/:Italic x}; {/:Italic a}, {/:Italic u}) = {/:Italic a}_0 + Σ_{/:Italic j} {/:Italic a_j} "
         "σ(({/:Italic x} − {/:Italic u_j})/{/:Italic η})"),
        "{/:Italic L}({/:Italic a}, {/:Italic u}) = ∫_{[0,1]} ({/:Italic f}* − {/:Italic f})^2 {/:Italic dx}",
        "outer layer, fast: {/:Italic a}_0, {/:Italic a_j} on time {/:Italic t} = {/:Italic h p}",
        "inner layer, slow: {/:Italic u_j} on time {/:Italic τ} = {/:Italic ε h p}",
    };
    const double x = page->left + ts_page_across(LOWER_WIDTH + 40);
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++)
        fprintf(script, "set label \"%s\" at screen %.5f,%.5f left front\n", formulas[i], x,
                page->bottom + ts_page_up(LOWER_HEIGHT - ((double)i + 0.5) * FORMULA_LINE));
}

/* ---- page */

bool ts_picture_sketch(FILE *script, const void *picture) {
    const ts_recording_view *view = picture;
    const sketch drawn = sketch_of(view);
    char note[400], name[160], text[160];
    ts_view_name(name, sizeof name, view);
    ts_view_describe(text, sizeof text, view, drawn.time);
    snprintf(note, sizeof note, "%s; %s%s", name, drawn.time + 1 < view->file->data.times ? "shown at " : "", text);
    ts_page page = ts_view_page(view, "Target and network");
    page.item_count = 0;
    page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_LINE, "target f*", TS_LOOK_TARGET};
    page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_LINE, "network f", TS_LOOK_NETWORK};
    page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_TICK, "positions of the neurons", TS_LOOK_NETWORK};
    page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_TICK, "their weights", LOOK_WEIGHT};
    page.note = note;
    page.x_title = page.y_title = "";
    page.y_labels = ts_ticks_width(&drawn.levels);
    ts_page_begin(script, &page);
    page.bottom -= ts_page_up(14); /* the lower panel has no title below its ticks */
    const double bottom = page.bottom + ts_page_up(LOWER_HEIGHT + GAP);
    ts_page_text(script, "x", (page.left + page.right) / 2, bottom - ts_page_up(29), "center");
    ts_page_upright(script, "f(x)", ts_page_across(16), bottom, page.top);
    ts_page_text(script, "σ((x − u)/η)", ts_page_across(16), page.bottom + ts_page_up(LOWER_HEIGHT / 2),
                 "center rotate font ',9.5'");
    print_formulas(script, &page);
    fputs("set multiplot\n", script);
    const bool fine = print_upper(script, &drawn, &page, bottom);
    if (fine)
        print_lower(script, &page);
    fputs("unset multiplot\n", script);
    return fine;
}
