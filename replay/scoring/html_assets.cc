#include "replay/scoring/html_assets.h"

#include <cstdint>

#include "core/hash.h"

namespace quell::replay {
namespace {

constexpr std::string_view kStyle = R"CSS(
:root{--bg:#f7f7f5;--panel:#fff;--ink:#1b2126;--soft:#5b6670;--line:#e2e5e7;--true:#0b7a5b;
--dup:#2b6cb0;--false:#b8460e;--value:#1f5f99;--band:#1f5f9922;--during:#b8460e14;--page:#7b3f98;
--track:#e9ebec}
@media(prefers-color-scheme:dark){:root{--bg:#12161a;--panel:#1a2026;--ink:#e4e8ea;--soft:#98a4ad;
--line:#2b333a;--true:#46c79f;--dup:#74b3f5;--false:#ff9257;--value:#6fb2ee;--band:#6fb2ee2b;
--during:#ff92571f;--page:#c791e3;--track:#2a323a}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,
"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1120px;margin:0 auto;padding:28px 24px 64px}
header p{margin:0}
.brand{font-weight:650;letter-spacing:.01em}
.soft{color:var(--soft);font-size:.875rem}
.verdict{font-size:clamp(1.25rem,2.6vw,1.75rem);line-height:1.35;font-weight:400;
margin:22px 0 26px;max-width:44em;text-wrap:pretty}
.verdict b{font-weight:650}.good{color:var(--true)}.bad{color:var(--false)}
h2{font-size:1.15rem;margin:0 0 10px;font-weight:650}
h4{font-size:.8rem;margin:14px 0 4px;color:var(--soft);font-weight:600}
section{margin-top:34px}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(236px,1fr));gap:12px;margin:0}
.card{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:14px 16px}
.card h3{margin:0;font-size:.875rem;font-weight:600;color:var(--soft)}
.card p{margin:0}.card .big{font-size:1.9rem;line-height:1.25;font-weight:620;
font-variant-numeric:tabular-nums}
.ci{position:relative;height:6px;border-radius:3px;background:var(--track);margin:5px 0 8px}
.ci i{position:absolute;top:0;height:6px;border-radius:3px;background:var(--value);opacity:.45}
.ci b{position:absolute;top:-3px;width:4px;height:12px;margin-left:-2px;border-radius:2px;
background:var(--value)}
figure{margin:0}.timeline,.wide{background:var(--panel)}
.timeline{border:1px solid var(--line);border-radius:8px;padding:12px 16px}
.wide{overflow-x:auto;-webkit-overflow-scrolling:touch}
svg{display:block;width:100%;height:auto}.wider svg{min-width:760px}
.plot .wide svg{min-width:460px}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:14px 28px;
margin-top:14px}.plots .plot{max-width:640px}
svg text{font:11.5px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
fill:var(--soft);font-variant-numeric:tabular-nums}
.end{text-anchor:end}.mid{text-anchor:middle}
svg .lane{font-weight:600}svg .num{fill:var(--ink);font-weight:600}
.grid{stroke:var(--line);fill:none}.axis{stroke:var(--soft);fill:none;opacity:.7}
.b-caught{fill:var(--true)}.b-missed{fill:url(#hatch);stroke:var(--false);stroke-width:1.5}
.hatch{stroke:var(--false);stroke-width:2.5}
.m-true{fill:var(--true)}.m-dup{fill:var(--panel);stroke:var(--dup);stroke-width:2}
.m-false{fill:var(--false)}
a:hover rect,a:hover circle,a:hover path{opacity:.7}
svg.mark{display:inline-block;width:16px;height:16px;vertical-align:-3px;margin-right:6px;flex:none}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:.8125rem;color:var(--soft);
margin:8px 0 0}
.legend .soft{font-size:inherit}
.legend i{display:inline-block;width:18px;height:10px;margin-right:6px;border-radius:2px}
.legend .caught{background:var(--true)}
.legend .missed{border:1.5px solid var(--false);background:repeating-linear-gradient(135deg,
var(--false) 0 2px,transparent 2px 5px)}
.key.value{height:0;border-top:2px solid var(--value);vertical-align:4px}
.key.expected{height:0;border-top:2px dashed var(--soft);vertical-align:4px}
.key.band{background:var(--band)}.key.during{background:var(--during);
border-top:2px solid var(--false)}
.legend .key.page{width:0;height:12px;border-left:2px dashed var(--page);vertical-align:-2px;
margin-left:8px;margin-right:12px}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
main>section>.wide{border:1px solid var(--line);border-radius:8px}
th,td{padding:7px 14px;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
tbody tr:last-child>*{border-bottom:0}
thead th{font-size:.8rem;color:var(--soft);font-weight:600;white-space:nowrap}
tbody th{font-weight:600;overflow-wrap:anywhere;min-width:9em}
.n{text-align:right;white-space:nowrap}
.sortable.live thead th{cursor:pointer}.sortable.live thead th:hover{color:var(--ink)}
th[aria-sort=ascending]:after{content:" \2191"}th[aria-sort=descending]:after{content:" \2193"}
.share{height:3px;border-radius:2px;background:var(--track);margin-top:3px;min-width:64px}
.share i{display:block;height:3px;border-radius:2px;background:var(--value)}
.whole>*{background:color-mix(in srgb,var(--value) 8%,transparent)}
.head{display:flex;justify-content:space-between;align-items:baseline;gap:12px}
.tools{margin:0;white-space:nowrap}
button{font:inherit;font-size:.8125rem;color:var(--value);background:none;border:0;padding:4px 6px;
cursor:pointer}button:hover{text-decoration:underline}
.case{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:0 16px;
margin-top:10px;scroll-margin-top:12px}
.case[open]{padding-bottom:14px}.case:target{outline:2px solid var(--value)}
summary{cursor:pointer;padding:11px 0;display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 12px;
list-style:none}
summary::-webkit-details-marker{display:none}
summary:before{content:"";border:solid var(--soft);border-width:0 1.5px 1.5px 0;padding:2.5px;
transform:rotate(-45deg);align-self:center;flex:none;margin-right:-2px}
[open]>summary:before{transform:rotate(45deg)}
summary>svg.mark{align-self:center;margin-right:-4px}
.no{color:var(--soft);font-weight:600;min-width:1.2em;font-variant-numeric:tabular-nums}
.name{font-weight:620;overflow-wrap:anywhere;unicode-bidi:isolate}
.badge{font-size:.8125rem;font-weight:650}
.caught .badge{color:var(--true)}.missed .badge{color:var(--false)}
.kind,.severity{font-size:.8125rem;color:var(--soft);border:1px solid var(--line);
border-radius:4px;padding:0 6px;overflow-wrap:anywhere}
.facts{margin-left:auto;color:var(--soft);font-size:.875rem;text-align:right}
.case p{margin:6px 0}.case ul{margin:4px 0;padding-left:20px}.case li{margin:2px 0;
overflow-wrap:anywhere}
.page-body{margin:10px 0 0;padding:10px 0 0;border-top:1px solid var(--line)}
.sent{display:flex;flex-wrap:wrap;align-items:center;gap:2px 8px}.sent svg.mark{margin-right:-4px}
blockquote{margin:6px 0;font-size:1.0625rem;font-weight:550;overflow-wrap:anywhere;
unicode-bidi:isolate;text-wrap:pretty}
code{font:.8125rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
unicode-bidi:isolate}
.chip{background:color-mix(in srgb,var(--soft) 12%,transparent);border-radius:4px;padding:1px 6px;
margin:1px 4px 1px 0;display:inline-block;overflow-wrap:anywhere}
.members td{padding:6px 14px 6px 0;min-width:5em}.members td:nth-child(2){min-width:17em}
.members th{padding-left:0}.members td:last-child{min-width:11em}
.members .signal{display:block;overflow-wrap:anywhere}
.plot{min-width:0}.plot figcaption{display:flex;flex-wrap:wrap;gap:2px 14px;
justify-content:space-between;font-size:.875rem;overflow-wrap:anywhere}
.plot figcaption b{font-weight:600}
.budgets{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,300px);gap:14px 24px;
align-items:start}.budgets>.wide{border:1px solid var(--line);border-radius:8px}
.budgets td,.budgets th{padding:7px 10px}
@media(max-width:860px){.budgets{grid-template-columns:1fr}}
.curve{fill:none;stroke:var(--value);stroke-width:1.5;opacity:.6}
.at{fill:var(--value)}.at.set{fill:var(--page)}svg .set-word{fill:var(--page);font-weight:600}
.readout{color:var(--soft);font-variant-numeric:tabular-nums;min-height:1.4em}
.value{fill:none;stroke:var(--value);stroke-width:1.75;stroke-linejoin:round}
.expected{fill:none;stroke:var(--soft);stroke-width:1.4;stroke-dasharray:5 4}
.band{fill:var(--band)}.during{fill:var(--during)}.edge{stroke:var(--false);stroke-width:2.5}
path.page{stroke:var(--page);stroke-width:1.6;stroke-dasharray:4 3}.flag{fill:var(--page)}
svg .paged{fill:var(--page);font-weight:600}
.cross{stroke:var(--ink);opacity:.5}
.method p{max-width:70em;color:var(--soft);font-size:.875rem}
@media(max-width:640px){main{padding:18px 14px 48px}.facts{margin-left:0;text-align:left;
width:100%}.cards{grid-template-columns:1fr 1fr;gap:8px}.card{padding:10px 12px}
.card .big{font-size:1.5rem}th,td{padding:6px 10px}}
@media(max-width:400px){.cards{grid-template-columns:1fr}}
@media print{.case{break-inside:avoid}.tools{display:none}}
)CSS";

constexpr std::string_view kScript = R"JS(
(function(){
var tools=document.querySelector('.tools');
if(tools){tools.hidden=false;tools.addEventListener('click',function(e){
  var how=e.target.getAttribute('data-fold');if(!how)return;
  document.querySelectorAll('#incidents details').forEach(function(d){d.open=how==='open'})})}
function reveal(){var t=location.hash.length>1&&document.getElementById(location.hash.slice(1));
  if(t&&t.tagName==='DETAILS')t.open=true}
addEventListener('hashchange',reveal);reveal();
document.querySelectorAll('table.sortable').forEach(function(table){
  table.classList.add('live');
  var heads=table.tHead.rows[0].cells;
  Array.prototype.forEach.call(heads,function(head,column){
    head.addEventListener('click',function(){
      var up=head.getAttribute('aria-sort')==='descending';
      Array.prototype.forEach.call(heads,function(h){h.removeAttribute('aria-sort')});
      head.setAttribute('aria-sort',up?'ascending':'descending');
      var body=table.tBodies[0],rows=Array.prototype.slice.call(body.rows);
      rows.sort(function(a,b){
        var x=a.cells[column],y=b.cells[column],v=x.getAttribute('data-v');
        var c=v===null?x.textContent.localeCompare(y.textContent):v-y.getAttribute('data-v');
        return up?c:-c});
      rows.forEach(function(r){body.appendChild(r)})})})});
function number(v){return (+v.toPrecision(3)).toLocaleString('en-US',{maximumFractionDigits:9})}
function inUnit(v,unit){
  if(unit==='ratio')return number(v*100)+' %';
  if(unit==='seconds')return Math.abs(v)<1?number(v*1000)+' ms':number(v)+' s';
  if(unit==='per_second')return number(v)+'/s';
  return number(v)+(unit?' '+unit:'')}
function read(path){return path.getAttribute('d').slice(1).split('L').map(function(p){
  p=p.split(',');return{x:+p[0],y:+p[1]}})}
document.querySelectorAll('.plot').forEach(function(plot){
  var svg=plot.querySelector('svg'),out=plot.querySelector('.readout'),d=svg.dataset,seen,wanted;
  var cross=document.createElementNS('http://www.w3.org/2000/svg','path');
  cross.setAttribute('class','cross');svg.appendChild(cross);
  function value(y){return inUnit(+d.v0+(186-y)/(186-22)*(d.v1-d.v0),d.unit)}
  svg.addEventListener('pointermove',function(e){
    seen=seen||read(svg.querySelector('.value'));wanted=wanted||read(svg.querySelector('.expected'));
    var box=svg.getBoundingClientRect(),x=(e.clientX-box.left)/box.width*560,best=0;
    seen.forEach(function(p,i){if(Math.abs(p.x-x)<Math.abs(seen[best].x-x))best=i});
    var p=seen[best],t=new Date(+d.t0+(p.x-64)/(550-64)*(d.t1-d.t0));
    cross.setAttribute('d','M'+p.x+',22V186');
    out.textContent=t.toISOString().slice(0,16).replace('T',' ')+' UTC  seen '+value(p.y)+
      ', expected '+value(wanted[best].y)});
  svg.addEventListener('pointerleave',function(){cross.setAttribute('d','');out.textContent=''})});
})();
)JS";

int HexDigit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// Base64 of the bytes that `hex` spells.
std::string Base64OfHex(const std::string& hex) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : hex) {
    bits = (bits << 4U | static_cast<std::uint32_t>(HexDigit(c))) & 0xFFFU;
    held += 4;
    while (held >= 6) {
      held -= 6;
      out += kDigits[bits >> static_cast<unsigned>(held) & 0x3FU];
    }
  }
  if (held > 0) out += kDigits[bits << static_cast<unsigned>(6 - held) & 0x3FU];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

}  // namespace

std::string_view ReportStyle() { return kStyle; }
std::string_view ReportScript() { return kScript; }

std::string ReportSecurityPolicy() {
  return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
         Base64OfHex(Sha256Hex(kScript)) + "'";
}

}  // namespace quell::replay
